#pragma once

/// Icons of the embedded Font Awesome 6 (solid) that the window uses.
namespace ebm::window::icon {

inline constexpr const char* run = "\uf04b";
inline constexpr const char* pause = "\uf04c";
inline constexpr const char* step = "\uf051";          // forward-step: one Langevin step
inline constexpr const char* step_training = "\uf04e"; // forward: one training iteration
inline constexpr const char* reset = "\uf2f9";         // rotate-right
inline constexpr const char* undo = "\uf2ea";
inline constexpr const char* redo = "\uf2f9";
inline constexpr const char* open = "\uf07c";
inline constexpr const char* save = "\uf0c7";
inline constexpr const char* folder = "\uf07b";
inline constexpr const char* file = "\uf15b";
inline constexpr const char* up = "\uf062";
inline constexpr const char* search = "\uf002";
inline constexpr const char* camera = "\uf030";
inline constexpr const char* keyboard = "\uf11c";
inline constexpr const char* help = "\uf059";
inline constexpr const char* info = "\uf05a";
inline constexpr const char* warning = "\uf071";
inline constexpr const char* error = "\uf06a";
inline constexpr const char* good = "\uf058";
inline constexpr const char* close = "\uf00d";
inline constexpr const char* settings = "\uf1de";
inline constexpr const char* layout = "\uf5fd";
inline constexpr const char* theme = "\uf042";
inline constexpr const char* zoom_in = "\uf00e";
inline constexpr const char* zoom_out = "\uf010";
inline constexpr const char* full_screen = "\uf065";
inline constexpr const char* quit = "\uf2f5";
inline constexpr const char* scene = "\uf5aa";
inline constexpr const char* landscape = "\uf6fc"; // mountain
inline constexpr const char* contours = "\uf5fd";  // layers
inline constexpr const char* points = "\uf110";    // spinner dots
inline constexpr const char* chains = "\uf0c1";
inline constexpr const char* trails = "\uf4d7"; // route
inline constexpr const char* arrows = "\uf0b2";
inline constexpr const char* exact = "\uf05b";  // crosshairs
inline constexpr const char* energy = "\uf201"; // chart-line
inline constexpr const char* histogram = "\uf080";
inline constexpr const char* image = "\uf03e";
inline constexpr const char* samples = "\uf00a";
inline constexpr const char* buffer = "\uf1c0";  // database
inline constexpr const char* sampler = "\uf522"; // dice
inline constexpr const char* health = "\uf21e";  // heart-pulse
inline constexpr const char* log = "\uf03a";
inline constexpr const char* trace = "\uf83e"; // wave-square
inline constexpr const char* speed = "\uf625"; // gauge
inline constexpr const char* processor = "\uf2db";
inline constexpr const char* follow = "\uf05b";
inline constexpr const char* copy = "\uf0c5";
inline constexpr const char* trash = "\uf1f8";
inline constexpr const char* plus = "\u002b";
inline constexpr const char* frame = "\uf0b2";
inline constexpr const char* check = "\uf00c";
inline constexpr const char* lock = "\uf023";
inline constexpr const char* snow = "\uf2dc";
inline constexpr const char* down = "\uf063";
inline constexpr const char* shirt = "\uf553";
inline constexpr const char* dots = "\uf2a1";
inline constexpr const char* vial = "\uf492";
inline constexpr const char* columns = "\uf0db";
inline constexpr const char* surface = "\uf1b2";    // cube
inline constexpr const char* record = "\uf111";     // circle
inline constexpr const char* own = "\uf005";        // star
inline constexpr const char* difference = "\uf24e"; // scale-balanced
inline constexpr const char* palette = "\uf53f";
inline constexpr const char* shuffle = "\uf074";
inline constexpr const char* drop_many = "\uf5bd"; // spray can
inline constexpr const char* brush = "\uf1fc";
inline constexpr const char* tags = "\uf02c";
inline constexpr const char* data = "\uf1b3"; // cubes
inline constexpr const char* lesson = "\uf19d";

} // namespace ebm::window::icon
