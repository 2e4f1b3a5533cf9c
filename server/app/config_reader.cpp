#include "app/config_reader.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

namespace clued::app {

namespace {

std::size_t line_of(const YAML::Node& node) {
  const YAML::Mark mark = node.Mark();
  return mark.is_null() ? 0 : static_cast<std::size_t>(mark.line) + 1;
}

std::optional<std::uint64_t> parse_unsigned(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<base::Duration> parse_duration(std::string_view text) {
  constexpr std::pair<std::string_view, std::chrono::milliseconds> units[] = {
      {"ms", std::chrono::milliseconds(1)},
      {"s", std::chrono::seconds(1)},
      {"m", std::chrono::minutes(1)},
      {"h", std::chrono::hours(1)},
  };
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto count = parse_unsigned(text.substr(0, digits));
  constexpr std::uint64_t most = 1'000'000'000;  // eleven days in ms; keeps the multiplication within range
  if (!count || *count > most) return std::nullopt;
  for (const auto& [name, unit] : units) {
    if (text.substr(digits) == name) return unit * static_cast<std::int64_t>(*count);
  }
  return std::nullopt;
}

std::string to_text(base::Duration duration) {
  const auto count = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  if (count % 1000 != 0 || count == 0) return std::to_string(count) + "ms";
  if (count % 60'000 != 0) return std::to_string(count / 1000) + "s";
  if (count % 3'600'000 != 0) return std::to_string(count / 60'000) + "m";
  return std::to_string(count / 3'600'000) + "h";
}

/// A path can be as long as this; nothing else needs to be.
constexpr std::size_t max_text_bytes = 4096;

std::string quoted(std::string_view text) { return "\"" + std::string(text.substr(0, 80)) + "\""; }

}  // namespace

ConfigReader::ConfigReader(YAML::Node node, std::string path, Reading& reading)
    : node_(std::move(node)), path_(std::move(path)), reading_(reading) {
  if (!node_.IsDefined() || node_.IsNull() || node_.IsMap()) return;
  reading_.errors.push_back({line_of(node_), path_, "must be a mapping of keys to values"});
  node_.reset(YAML::Node());
}

std::string ConfigReader::full_key(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

YAML::Node ConfigReader::find(std::string_view key) {
  known_.emplace_back(key);
  if (!node_.IsMap()) return YAML::Node(YAML::NodeType::Undefined);
  for (const auto& entry : node_) {
    if (entry.first.IsScalar() && entry.first.Scalar() == key) return entry.second;
  }
  return YAML::Node(YAML::NodeType::Undefined);
}

std::size_t ConfigReader::line_of_key(std::string_view key) const {
  for (const auto& entry : node_) {
    if (entry.first.IsScalar() && entry.first.Scalar() == key) return line_of(entry.first);
  }
  return line_of(node_);
}

void ConfigReader::note(std::string_view key, std::string_view value) {
  // What is in a list has no name that stays when the list changes.
  if (path_.find('[') == std::string::npos) reading_.values[full_key(key)] = value;
}

bool ConfigReader::has(std::string_view key) { return find(key).IsDefined(); }

void ConfigReader::fail(std::string_view key, std::string reason) {
  YAML::Node at = find(key);
  reading_.errors.push_back({line_of(at.IsDefined() ? at : node_), full_key(key), std::move(reason)});
}

bool ConfigReader::read_scalar(std::string_view key, const YAML::Node& node, std::string& text) {
  if (node.IsScalar()) {
    const std::string& value = node.Scalar();
    std::string reason;
    if (value.size() > max_text_bytes) {
      reason = "is longer than " + std::to_string(max_text_bytes) + " bytes";
    } else if (std::any_of(value.begin(), value.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; })) {
      reason = "must be one line without control characters";
    } else {
      text = value;
      return true;
    }
    reading_.errors.push_back({line_of(node), full_key(key), std::move(reason)});
    return false;
  }
  if (node.IsNull()) {
    reading_.errors.push_back({line_of_key(key), full_key(key), "has no value"});
  } else {
    reading_.errors.push_back({line_of(node), full_key(key), "must be a single value"});
  }
  return false;
}

void ConfigReader::read(std::string_view key, bool& target) {
  constexpr std::pair<std::string_view, bool> words[] = {{"true", true}, {"false", false}, {"yes", true},
                                                         {"no", false},  {"on", true},     {"off", false}};
  const YAML::Node node = find(key);
  note(key, target ? "true" : "false");
  std::string text;
  if (!node.IsDefined() || !read_scalar(key, node, text)) return;
  const auto* word = std::find_if(std::begin(words), std::end(words), [&](const auto& w) { return w.first == text; });
  if (word == std::end(words)) return fail(key, "must be true or false, not " + quoted(text));
  target = word->second;
  note(key, target ? "true" : "false");
}

void ConfigReader::read(std::string_view key, std::string& target) {
  const YAML::Node node = find(key);
  std::string text;
  if (node.IsDefined() && read_scalar(key, node, text)) target = text;
  note(key, target);
}

void ConfigReader::read_text(std::string_view key, std::string& target, std::string (*problem)(std::string_view)) {
  std::string text = target;
  read(key, text);
  if (std::string reason = problem(text); !reason.empty()) return fail(key, quoted(text) + " " + reason);
  target = text;
}

void ConfigReader::read_optional_text(std::string_view key, std::string& target,
                                      std::string (*problem)(std::string_view)) {
  std::string text = target;
  read(key, text);
  if (text.empty()) {
    target.clear();
  } else {
    read_text(key, target, problem);
  }
}

void ConfigReader::read(std::string_view key, base::Duration& target, base::Duration least, base::Duration most) {
  const YAML::Node node = find(key);
  note(key, to_text(target));
  std::string text;
  if (!node.IsDefined() || !read_scalar(key, node, text)) return;
  const auto duration = parse_duration(text);
  if (!duration) return fail(key, "must be a duration such as 200ms, 3s, 5m or 1h, not " + quoted(text));
  if (*duration < least || *duration > most) {
    return fail(key, "must be from " + to_text(least) + " to " + to_text(most) + ", not " + text);
  }
  target = *duration;
  note(key, to_text(target));
}

bool ConfigReader::read_unsigned(std::string_view key, std::uint64_t& target, std::uint64_t least, std::uint64_t most) {
  const YAML::Node node = find(key);
  std::string text;
  if (!node.IsDefined() || !read_scalar(key, node, text)) return false;
  const auto number = parse_unsigned(text);
  if (!number || *number < least || *number > most) {
    fail(key, "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most) + ", not " +
                  quoted(text));
    return false;
  }
  target = *number;
  return true;
}

bool ConfigReader::read_index(std::string_view key, const std::vector<std::string_view>& names, std::size_t& index) {
  const YAML::Node node = find(key);
  std::string text;
  if (!node.IsDefined() || !read_scalar(key, node, text)) return false;
  const auto found = std::find(names.begin(), names.end(), text);
  if (found == names.end()) {
    std::string list;
    for (const std::string_view name : names) list += (list.empty() ? "" : ", ") + std::string(name);
    fail(key, "must be one of " + list + ", not " + quoted(text));
    return false;
  }
  index = static_cast<std::size_t>(found - names.begin());
  return true;
}

void ConfigReader::read_each(std::string_view key, const std::function<std::string(const std::string&)>& take) {
  const YAML::Node node = find(key);
  note(key, "");
  if (!node.IsDefined()) return;
  std::string given;
  const auto read_one = [&](const YAML::Node& element) {
    std::string text;
    if (!read_scalar(key, element, text)) return;
    given += (given.empty() ? "" : ",") + text;
    if (std::string reason = take(text); !reason.empty()) {
      reading_.errors.push_back({line_of(element), full_key(key), quoted(text) + " " + reason});
    }
  };
  if (node.IsSequence()) {
    for (const YAML::Node& element : node) read_one(element);
  } else {
    read_one(node);
  }
  note(key, given);
}

void ConfigReader::read_some(std::string_view key, const std::function<std::string(const std::string&)>& take) {
  if (const YAML::Node node = find(key); node.IsDefined() && node.IsSequence() && node.size() == 0) {
    return fail(key, "must not be an empty list: say who or what is meant, in words");
  }
  read_each(key, take);
}

void ConfigReader::read_sections(std::string_view key, const std::function<void()>& start,
                                 const std::function<void(ConfigReader&)>& take) {
  const YAML::Node node = find(key);
  note(key, "");
  if (!node.IsDefined()) return;
  if (!node.IsSequence()) return fail(key, "must be a list");
  note(key, std::to_string(node.size()));
  start();
  std::size_t index = 0;
  for (const YAML::Node& element : node) {
    ConfigReader reader(element, full_key(key) + "[" + std::to_string(index++) + "]", reading_);
    take(reader);
    reader.finish();
  }
}

ConfigReader ConfigReader::section(std::string_view key) { return {find(key), full_key(key), reading_}; }

void ConfigReader::finish() {
  if (!node_.IsMap()) return;
  std::set<std::string> seen;
  for (const auto& entry : node_) {
    const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "?";
    if (std::find(known_.begin(), known_.end(), name) == known_.end()) {
      reading_.errors.push_back({line_of(entry.first), full_key(name), "is not a key that clued knows"});
    } else if (!seen.insert(name).second) {
      reading_.errors.push_back({line_of(entry.first), full_key(name), "is given twice"});
    }
  }
}

}  // namespace clued::app
