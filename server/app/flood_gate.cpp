#include "app/flood_gate.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <variant>

#include "base/overloaded.hpp"

namespace clued::app {

namespace {

constexpr std::chrono::seconds window{1};

std::string text_of(const base::Field& field) {
  return std::visit(base::overloaded{
                        [](std::uint64_t number) { return std::to_string(number); },
                        [](std::int64_t number) { return std::to_string(number); },
                        [](const std::string& text) { return text; },
                        [](const base::Identity& identity) { return identity.text; },
                    },
                    field.value);
}

const base::Field* find(const base::Record& record, std::string_view key) {
  const auto found = std::find_if(record.fields.begin(), record.fields.end(),
                                  [&](const base::Field& field) { return field.key == key; });
  return found == record.fields.end() ? nullptr : &*found;
}

/// "participant=p3 conference=conf-x", or "" for what anybody can cause.
std::string story_of(const base::Record& record) {
  constexpr std::array<std::string_view, 2> ours = {"participant", "op"};
  for (const std::string_view key : ours) {
    const base::Field* field = find(record, key);
    if (field == nullptr) continue;
    const base::Field* conference = find(record, "conference");
    return std::string(key) + '=' + text_of(*field) +
           (conference == nullptr ? "" : " conference=" + text_of(*conference));
  }
  if (find(record, "source") != nullptr) return {};
  for (const std::string_view key : {"channel", "call_id", "conference"}) {
    if (const base::Field* field = find(record, key)) return std::string(key) + '=' + text_of(*field);
  }
  return {};
}

}  // namespace

bool FloodGate::may_pass(const base::Record& record, base::TimePoint now) {
  const base::Severity severity = record.kind->severity;
  if (severity < base::Severity::info || severity == base::Severity::critical) return true;
  if (now - began_ >= window && !has_left_out_) {
    counts_.clear();
    began_ = now;
  }
  std::string story = story_of(record);
  const std::string kind(record.kind->name);
  auto count = counts_.find(kind + ' ' + story);
  if (count == counts_.end()) {
    if (counts_.size() >= max_stories) story.clear();
    count = counts_.emplace(kind + ' ' + story, Count{record.kind, story, 0}).first;
  }
  if (++count->second.seen <= max_per_second) return true;
  has_left_out_ = true;
  return false;
}

std::vector<FloodGate::Sum> FloodGate::take_sums(base::TimePoint now) {
  std::vector<Sum> sums;
  if (!has_left_out_ || now - began_ < window) return sums;
  for (auto& [key, count] : counts_) {
    if (count.seen <= max_per_second) continue;
    sums.push_back({count.kind, std::move(count.story), count.seen - max_per_second});
  }
  std::sort(sums.begin(), sums.end(), [](const Sum& a, const Sum& b) {
    return a.kind->name != b.kind->name ? a.kind->name < b.kind->name : a.story < b.story;
  });
  counts_.clear();
  began_ = now;
  has_left_out_ = false;
  return sums;
}

base::Deadline FloodGate::next_deadline() const {
  return has_left_out_ ? base::Deadline(began_ + window) : std::nullopt;
}

}  // namespace clued::app
