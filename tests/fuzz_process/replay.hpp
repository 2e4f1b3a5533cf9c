// What broke the daemon, as a file: which steps of which series.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace clued::fuzz {

struct Replay {
  std::string profile;
  std::uint64_t seed = 1;
  bool names = false;
  std::vector<std::uint64_t> steps;
};

/// `comment` goes in front, line by line.
void write_replay(const std::string& file, const Replay& replay, const std::string& comment);
/// Throws std::runtime_error when the file is none.
Replay read_replay(const std::string& file);

}  // namespace clued::fuzz
