#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "fuzz_process/campaign.hpp"
#include "fuzz_process/profile.hpp"

namespace {

using namespace clued::fuzz;

constexpr const char* usage =
    "usage: fuzz_process --daemon PROGRAM [--messages N] [--seed S] [--replay FILE]\n"
    "  --wrap COMMAND    in front of the program, words separated by blanks, the first one with its path\n"
    "  --profile NAME    one configuration instead of all\n"
    "  --keep FOLDER     for what is found (default: fuzz-process)\n"
    "  --shrink SECONDS  for each fault; 0: faults are kept as they are\n"
    "  --faults N        the run is given up after so many\n"
    "  --patience N      times as long as usual everything may take\n"
    "  --turn MS         CPU time that one message may take\n"
    "  --memory KB       that the daemon may take\n"
    "  --names           hosts are also names, all of them under .invalid\n"
    "  --settle SECONDS  that everything may take to be gone at the end; 0: nobody looks\n";

std::uint64_t number(const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) throw std::invalid_argument(text + " is no number");
  return value;
}

std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find(' ', begin), text.size());
    if (end > begin) words.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

struct Arguments {
  CampaignSettings settings;
  std::string daemon, wrap, replay;
};

/// Options with a value. False when there is no such option.
bool take_value(Arguments& arguments, const std::string& option, const std::string& value) {
  auto& conditions = arguments.settings.conditions;
  if (option == "--daemon") return arguments.daemon = value, true;
  if (option == "--wrap") return arguments.wrap = value, true;
  if (option == "--replay") return arguments.replay = value, true;
  if (option == "--keep") return arguments.settings.keep = value, true;
  if (option == "--profile") return arguments.settings.profiles = {value}, true;
  if (option == "--messages") return arguments.settings.messages = number(value), true;
  if (option == "--seed") return conditions.seed = number(value), true;
  if (option == "--shrink") return arguments.settings.shrink_time = std::chrono::seconds(number(value)), true;
  if (option == "--faults") return arguments.settings.most_faults = number(value), true;
  if (option == "--patience") return conditions.patience = static_cast<unsigned>(number(value)), true;
  if (option == "--turn") return conditions.longest_turn = std::chrono::milliseconds(number(value)), true;
  if (option == "--settle") return conditions.settle_time = std::chrono::seconds(number(value)), true;
  if (option == "--memory") return conditions.most_memory_kb = number(value), true;
  return false;
}

Arguments parse(int count, char** values) {
  Arguments arguments;
  arguments.settings.profiles = profile_names();
  arguments.settings.keep = "fuzz-process";
  for (int i = 1; i < count; ++i) {
    const std::string option = values[i];
    if (option == "--names") {
      arguments.settings.conditions.names = true;
    } else if (i + 1 >= count || !take_value(arguments, option, values[++i])) {
      throw std::invalid_argument(option);
    }
  }
  if (arguments.daemon.empty()) throw std::invalid_argument("--daemon is needed");
  auto& settings = arguments.settings;
  settings.keep = std::filesystem::absolute(settings.keep);
  settings.conditions.command = words(arguments.wrap);
  settings.conditions.command.push_back(std::filesystem::absolute(arguments.daemon));
  return arguments;
}

/// Where the sanitizers of the daemon write, unless somebody has said otherwise.
void set_sanitizer_options(const std::string& keep) {
  const std::string common = "log_path=" + keep + "/daemon/sanitizer:";
  setenv("ASAN_OPTIONS",
         (common + "handle_abort=1:quarantine_size_mb=32:detect_leaks=1:allocator_may_return_null=1").c_str(), 0);
  setenv("UBSAN_OPTIONS", (common + "print_stacktrace=1").c_str(), 0);
}

}  // namespace

int main(int count, char** values) {
  try {
    const auto arguments = parse(count, values);
    set_sanitizer_options(arguments.settings.keep);
    const auto result = arguments.replay.empty() ? run_campaign(arguments.settings)
                                                 : run_replay(arguments.settings, read_replay(arguments.replay));
    std::printf("fuzz-process: messages=%zu faults=%zu longest_turn_ms=%lld\n", result.messages, result.faults,
                static_cast<long long>(result.longest_turn.count()));
    return result.faults == 0 ? 0 : 1;
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "fuzz_process: %s\n%s", error.what(), usage);
    return 64;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "fuzz_process: %s\n", error.what());
    return 71;
  }
}
