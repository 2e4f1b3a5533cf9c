#include "fuzz_process/replay.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace clued::fuzz {

namespace {

constexpr std::size_t ranges_in_a_line = 12;

}  // namespace

void write_replay(const std::string& file, const Replay& replay, const std::string& comment) {
  std::ofstream out(file);
  std::istringstream lines(comment);
  for (std::string line; std::getline(lines, line);) out << "# " << line << "\n";
  out << "profile " << replay.profile << "\nseed " << replay.seed << "\n";
  if (replay.names) out << "names\n";
  const auto& steps = replay.steps;
  std::size_t ranges = 0;
  for (std::size_t begin = 0; begin < steps.size();) {
    std::size_t end = begin + 1;
    while (end < steps.size() && steps[end] == steps[end - 1] + 1) ++end;
    out << (ranges++ % ranges_in_a_line == 0 ? (ranges == 1 ? "steps " : "\nsteps ") : " ") << steps[begin];
    if (end - begin > 1) out << "-" << steps[end - 1];
    begin = end;
  }
  out << "\n";
  if (!out.flush()) throw std::runtime_error(file + " cannot be written");
}

Replay read_replay(const std::string& file) {
  std::ifstream in(file);
  Replay replay;
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string key, word;
    words >> key;
    if (key == "profile") words >> replay.profile;
    if (key == "seed") words >> replay.seed;
    if (key == "names") replay.names = true;
    if (key != "steps") continue;
    while (words >> word) {
      const auto dash = word.find('-');
      const auto first = std::stoull(word);
      const auto last = dash == std::string::npos ? first : std::stoull(word.substr(dash + 1));
      for (auto step = first; step <= last; ++step) replay.steps.push_back(step);
    }
  }
  if (replay.profile.empty() || replay.steps.empty()) throw std::runtime_error(file + " is no replay");
  return replay;
}

}  // namespace clued::fuzz
