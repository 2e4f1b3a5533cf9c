// What a telepresence room of the benchmarks advertises.
#pragma once

#include <string>

#include "clue/model.hpp"

namespace clued::bench {

/// The labels of a room's own encodings, counted from 1.
std::string video_label(unsigned number);
std::string audio_label(unsigned number);

/// One scene with these cameras side by side and a microphone, described as much as real rooms do (about 4 KB of XML
/// with three cameras).
clue::AdvertisementContent room_captures(const std::string& room, unsigned cameras);

}  // namespace clued::bench
