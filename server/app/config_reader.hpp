// Typed reading of a YAML mapping. Finds every mistake, not only the first, each with its line. The only header that
// includes yaml-cpp.
#pragma once

#include <yaml-cpp/yaml.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/config_document.hpp"
#include "base/time.hpp"

namespace clued::app {

/// What is found out while a configuration is read.
class Reading {
 public:
  /// `source`: what is read. Must outlive this.
  explicit Reading(const Source& source);

  /// A mistake about the key, where it stands in the file; one that is not given: where the mapping or list stands that
  /// it would be in.
  void add(const std::string& key, std::string reason) { add(line_of(key), key, std::move(reason)); }
  void add(std::size_t line, const std::string& key, std::string reason);
  /// Whether there is a mistake about this key, or in what it has in it.
  bool is_wrong(const std::string& key) const;

  void stands_at(const std::string& key, std::size_t line) { lines_.emplace(key, line); }
  std::size_t line_of(std::string key) const;
  /// Of a value that is not there at all: yaml-cpp says where the next thing begins.
  std::size_t line_of_null(const YAML::Node& node) const;

  std::vector<ConfigError> errors;
  /// Of every key that is no part of a list, by its dotted name: what is in force, given or by default.
  std::map<std::string, std::string> values;
  std::vector<std::string> files;  ///< that this was read from

 private:
  std::vector<std::string_view> text_;
  std::map<std::string, std::size_t> lines_;
  std::set<std::string> wrong_;
};

/// One mapping of the configuration. Each key that is read is known; finish() reports the others. A key that is missing
/// leaves its target as it was, which is how defaults work. A wrong value leaves it too and is one error.
class ConfigReader {
 public:
  /// `path` is the dotted name of the mapping, "" at the top. `reading` must outlive the reader.
  ConfigReader(YAML::Node node, std::string path, Reading& reading);

  void read(std::string_view key, bool& target);
  void read(std::string_view key, std::string& target);
  /// `200ms`, `3s`, `5m`, `1h`, within [least, most].
  void read(std::string_view key, base::Duration& target, base::Duration least, base::Duration most);

  template <class Unit>
  void read_duration(std::string_view key, Unit& target, base::Duration least, base::Duration most) {
    base::Duration duration = target;
    read(key, duration, least, most);
    target = std::chrono::duration_cast<Unit>(duration);
  }

  template <class Number>
  void read_number(std::string_view key, Number& target, std::uint64_t least,
                   std::uint64_t most = std::numeric_limits<Number>::max()) {
    std::uint64_t number = 0;
    if (read_unsigned(key, number, least, most)) target = static_cast<Number>(number);
    note(key, std::to_string(target));
  }

  template <class Enum>
  void read_choice(std::string_view key, Enum& target,
                   std::initializer_list<std::pair<std::string_view, Enum>> choices) {
    std::vector<std::string_view> names;
    for (const auto& choice : choices) names.push_back(choice.first);
    std::size_t index = 0;
    if (read_index(key, names, index)) target = std::next(choices.begin(), static_cast<std::ptrdiff_t>(index))->second;
    for (const auto& [name, value] : choices) {
      if (value == target) note(key, name);
    }
  }

  /// A text that ends up in SIP or SDP: `problem` returns "" or why it cannot.
  void read_text(std::string_view key, std::string& target, std::string (*problem)(std::string_view));
  /// The same for one that may be left empty.
  void read_optional_text(std::string_view key, std::string& target, std::string (*problem)(std::string_view));
  /// The name of a file, and what is in it: nothing when there is no name.
  void read_file(std::string_view key, std::size_t most, std::string& name, std::string& text);
  /// Each text of a list, or a single one, goes through `take`, which returns "" or why the text is refused.
  void read_each(std::string_view key, const std::function<std::string(const std::string&)>& take);
  /// The same where an empty list would be taken for "all" by one and for "none" by another: it is refused.
  void read_some(std::string_view key, const std::function<std::string(const std::string&)>& take);
  /// Each mapping of a list. A list that is given replaces the default: `start` is called once before its first
  /// element.
  void read_sections(std::string_view key, const std::function<void()>& start,
                     const std::function<void(ConfigReader&)>& take);
  /// The mapping under this key; an empty one when it is missing or wrong.
  ConfigReader section(std::string_view key);

  bool has(std::string_view key);
  /// A file that decides something, besides those of read_file().
  void reads_from(const std::string& file) { reading_.files.push_back(file); }
  /// Says what is in force for a key of another kind, for who compares two configurations.
  void note(std::string_view key, std::string_view value);
  /// A mistake that is found after the key was read. What was told of the key before stands alone.
  void fail(std::string_view key, std::string reason);
  /// One of several mistakes in what the key leads to.
  void fail_again(std::string_view key, std::string reason) { reading_.add(full_key(key), std::move(reason)); }
  /// Keys that contradict each other: told of the first one that is given.
  void fail_together(std::initializer_list<std::string_view> keys, const std::string& reason);
  /// Whether a mistake in the value of this key was told.
  bool is_wrong(std::string_view key) const { return reading_.is_wrong(full_key(key)); }
  /// Reports the keys that nobody read.
  void finish();

 private:
  YAML::Node find(std::string_view key);
  bool read_unsigned(std::string_view key, std::uint64_t& target, std::uint64_t least, std::uint64_t most);
  bool read_index(std::string_view key, const std::vector<std::string_view>& names, std::size_t& index);
  bool read_scalar(std::string_view key, const YAML::Node& node, std::string& text);
  std::string full_key(std::string_view key) const;

  YAML::Node node_;
  std::string path_;
  Reading& reading_;
  std::vector<std::string> known_;
};

}  // namespace clued::app
