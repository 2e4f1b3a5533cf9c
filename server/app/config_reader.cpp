#include "app/config_reader.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include "sip/operator_file.hpp"

namespace clued::app {

namespace {

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

Reading::Reading(const Source& source) {
  if (!source.file.empty()) files.push_back(source.file);
  for (std::string_view rest = source.text; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    text_.push_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

void Reading::add(std::size_t line, const std::string& key, std::string reason) {
  wrong_.insert(key);
  errors.push_back({line, key, std::move(reason)});
}

bool Reading::is_wrong(const std::string& key) const {
  const auto has_one_from = [this](const std::string& start) {
    const auto next = wrong_.lower_bound(start);
    return next != wrong_.end() && next->starts_with(start);
  };
  return wrong_.contains(key) || has_one_from(key + '.') || has_one_from(key + '[');
}

std::size_t Reading::line_of(std::string key) const {
  while (true) {
    if (const auto found = lines_.find(key); found != lines_.end()) return found->second;
    if (key.empty()) return 0;
    const std::size_t end = key.find_last_of(".[");
    key.resize(end == std::string::npos ? 0 : end);
  }
}

// In a list of blocks the "-" before it is the last thing that stands before the next one; within brackets the next one
// is a comma or the end.
std::size_t Reading::line_of_null(const YAML::Node& node) const {
  const YAML::Mark mark = node.Mark();
  if (mark.is_null()) return 0;
  auto line = static_cast<std::size_t>(mark.line);
  const auto column = static_cast<std::size_t>(mark.column);
  const std::string_view next =
      line < text_.size() && column < text_[line].size() ? text_[line].substr(column) : std::string_view{};
  for (const std::string_view here : {",", "]", "}", "~", "null", "Null", "NULL"}) {
    if (next.starts_with(here)) return line + 1;
  }
  for (line = std::min(line, text_.size()); line > 0; --line) {
    const std::size_t first = text_[line - 1].find_first_not_of(" \t\r");
    if (first != std::string_view::npos && text_[line - 1][first] != '#') return line;
  }
  return 0;
}

ConfigReader::ConfigReader(YAML::Node node, std::string path, Reading& reading)
    : node_(std::move(node)), path_(std::move(path)), reading_(reading) {
  if (!node_.IsDefined()) return;
  if (node_.IsMap()) {
    if (!path_.empty()) reading_.stands_at(path_, line_of(node_));
    return;
  }
  if (!node_.IsNull()) {
    reading_.add(line_of(node_), path_, "must be a mapping of keys to values");
  } else if (!path_.empty()) {  // an empty file is a configuration
    reading_.add(path_, "has no value");
  }
  node_.reset(YAML::Node());
}

std::string ConfigReader::full_key(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

YAML::Node ConfigReader::find(std::string_view key) {
  known_.emplace_back(key);
  if (!node_.IsMap()) return YAML::Node(YAML::NodeType::Undefined);
  for (const auto& entry : node_) {
    if (!entry.first.IsScalar() || entry.first.Scalar() != key) continue;
    reading_.stands_at(full_key(key), line_of(entry.second.IsNull() ? entry.first : entry.second));
    return entry.second;
  }
  return YAML::Node(YAML::NodeType::Undefined);
}

void ConfigReader::note(std::string_view key, std::string_view value) {
  // What is in a list has no name that stays when the list changes.
  if (path_.find('[') == std::string::npos) reading_.values[full_key(key)] = value;
}

bool ConfigReader::has(std::string_view key) { return find(key).IsDefined(); }

void ConfigReader::fail(std::string_view key, std::string reason) {
  if (!is_wrong(key)) reading_.add(full_key(key), std::move(reason));
}

void ConfigReader::fail_together(std::initializer_list<std::string_view> keys, const std::string& reason) {
  if (std::any_of(keys.begin(), keys.end(), [this](std::string_view key) { return is_wrong(key); })) return;
  const auto* given = std::find_if(keys.begin(), keys.end(), [this](std::string_view key) { return has(key); });
  fail(given == keys.end() ? *keys.begin() : *given, reason);
}

bool ConfigReader::read_scalar(std::string_view key, const YAML::Node& node, std::string& text) {
  if (!node.IsScalar()) {
    if (node.IsNull()) {
      reading_.add(full_key(key), "has no value");
    } else {
      reading_.add(line_of(node), full_key(key), "must be a single value");
    }
    return false;
  }
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
  reading_.add(line_of(node), full_key(key), std::move(reason));
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

void ConfigReader::read_file(std::string_view key, std::size_t most, std::string& name, std::string& text) {
  read(key, name);
  text.clear();
  if (name.empty() || is_wrong(key)) return;
  auto content = sip::read_operator_file(name, most);
  if (!content) return fail(key, name + ": " + content.error());
  reads_from(name);
  text = *std::move(content);
}

void ConfigReader::read_each(std::string_view key, const std::function<std::string(const std::string&)>& take) {
  const YAML::Node node = find(key);
  note(key, "");
  if (!node.IsDefined()) return;
  std::string given;
  const auto read_one = [&](const YAML::Node& element) {
    std::string text;
    if (element.IsNull() && node.IsSequence()) {
      reading_.add(reading_.line_of_null(element), full_key(key), "has an entry without value");
      return;
    }
    if (!read_scalar(key, element, text)) return;
    given += (given.empty() ? "" : ",") + text;
    if (std::string reason = take(text); !reason.empty()) {
      reading_.add(line_of(element), full_key(key), quoted(text) + " " + reason);
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
  if (!node.IsSequence()) return fail(key, node.IsNull() ? "has no value" : "must be a list");
  note(key, std::to_string(node.size()));
  start();
  std::size_t index = 0;
  for (const YAML::Node& element : node) {
    const std::string name = full_key(key) + "[" + std::to_string(index++) + "]";
    if (element.IsNull()) reading_.stands_at(name, reading_.line_of_null(element));
    ConfigReader reader(element, name, reading_);
    if (!element.IsMap()) continue;
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
      reading_.add(line_of(entry.first), full_key(name), "is not a key that clued knows");
    } else if (!seen.insert(name).second) {
      reading_.add(line_of(entry.first), full_key(name), "is given twice");
    }
  }
}

}  // namespace clued::app
