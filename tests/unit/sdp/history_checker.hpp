// What must hold for all descriptions that one side sends in a session (OA-05, OA-06, OA-10, OA-11).
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "sdp/data_channel.hpp"
#include "sdp/session_description.hpp"

namespace clued::sdp::testing {

class HistoryChecker {
 public:
  /// To be called with every description, in the order of sending.
  void sent(const SessionDescription& description) {
    SCOPED_TRACE(serialize(description));
    const auto read = parse(serialize(description));
    ASSERT_TRUE(read.has_value()) << read.error().reason;
    EXPECT_EQ(*read, description);
    check_origin(description);
    EXPECT_GE(description.media.size(), agreed_.media.size()) << "m-lines never disappear";
    check_mids(description);
    check_disabled(description);
    check_streams(description);
    last_ = description;
  }

  /// The last description sent became part of a completed exchange.
  void agreed() { agreed_ = last_; }

  std::size_t longest() const { return longest_; }

 private:
  void check_origin(const SessionDescription& description) {
    if (sent_any_) {
      SessionDescription same_version = description;
      same_version.origin.session_version = last_.origin.session_version;
      const bool changed = !(same_version == last_);
      EXPECT_EQ(description.origin.session_version, last_.origin.session_version + (changed ? 1 : 0));
      Origin origin = description.origin;
      origin.session_version = last_.origin.session_version;
      EXPECT_EQ(origin, last_.origin);
    }
    sent_any_ = true;
    longest_ = std::max(longest_, description.media.size());
  }

  void check_mids(const SessionDescription& description) {
    std::map<std::string, const MediaDescription*> by_mid;
    for (const MediaDescription& line : description.media) {
      if (!line.mid()) continue;
      EXPECT_TRUE(by_mid.emplace(*line.mid(), &line).second) << "mid twice: " << *line.mid();
    }
    for (const Group& group : description.groups) {
      std::size_t channels = 0;
      for (const std::string& mid : group.mids) {
        ASSERT_TRUE(by_mid.count(mid) == 1) << "no m-line " << mid;
        EXPECT_TRUE(by_mid[mid]->is_enabled()) << "a disabled m-line in a group: " << mid;
        if (is_data_channel(*by_mid[mid])) ++channels;
      }
      EXPECT_EQ(channels, 1u);
    }
  }

  void check_disabled(const SessionDescription& description) {
    for (const MediaDescription& line : description.media) {
      if (line.is_enabled()) continue;
      EXPECT_TRUE(std::all_of(line.attributes.begin(), line.attributes.end(),
                              [](const Attribute& attribute) { return attribute.name == "mid"; }));
    }
  }

  /// A label keeps its m-line, port and mid while it is there; a mid never means anything else afterwards.
  void check_streams(const SessionDescription& description) {
    std::set<std::string> labels;
    for (std::size_t i = 0; i < description.media.size(); ++i) {
      const MediaDescription& line = description.media[i];
      if (!line.is_enabled() || !line.label()) continue;
      const std::string label(*line.label());
      EXPECT_TRUE(labels.insert(label).second) << "label twice: " << label;
      ASSERT_TRUE(line.mid().has_value());
      const auto meaning = meaning_of_mid_.emplace(*line.mid(), label);
      EXPECT_EQ(meaning.first->second, label) << "mid " << *line.mid() << " is used for something else";
      if (i >= agreed_.media.size() || agreed_.media[i].label() != label || !agreed_.media[i].is_enabled()) continue;
      EXPECT_EQ(agreed_.media[i].mid(), line.mid());
      EXPECT_EQ(agreed_.media[i].port, line.port);
    }
    for (std::size_t i = 0; i < agreed_.media.size(); ++i) {
      const MediaDescription& line = agreed_.media[i];
      if (!line.is_enabled() || !line.label() || labels.count(std::string(*line.label())) == 0) continue;
      EXPECT_EQ(description.media[i].label(), line.label()) << "a stream moved to another m-line";
    }
  }

  bool sent_any_ = false;
  SessionDescription last_;
  SessionDescription agreed_;
  std::map<std::string, std::string> meaning_of_mid_;
  std::size_t longest_ = 0;
};

}  // namespace clued::sdp::testing
