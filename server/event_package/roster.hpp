#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.hpp"
#include "event_package/conference_info.hpp"

namespace clued::event_package {

/// Who is in a conference, as the document tells it, and what of it changed when: every change has a number
/// (generation), so that what somebody has not been told yet is found without looking at what did not change.
///
/// Whoever leaves is told in two steps: first as a disconnected endpoint with how and why, then, once that was told, as
/// gone (EVT-06, EVT-07). Each user is rendered once per change; documents are concatenations.
class Roster {
 public:
  /// One endpoint that takes part; several of one user make one user with several endpoints (EVT-05).
  using Key = base::ParticipantId;

  struct Member {
    std::string user;  ///< the user's entity; what it was at first counts
    std::string display_text;
    std::vector<std::string> roles;
    Endpoint endpoint;
    bool operator==(const Member&) const = default;
  };

  /// How far somebody was told.
  struct Position {
    std::uint64_t told = 0;     ///< everything up to this generation was told
    std::uint64_t settled = 0;  ///< who left up to this generation was told to be gone as well
    auto operator<=>(const Position&) const = default;
  };

  explicit Roster(Description description) : description_(std::move(description)) {}

  /// This is what is known of the endpoint now. False when nothing changed.
  bool put(Key key, Member member);
  /// It is not in the conference any more. False when it was not there.
  bool depart(Key key, DisconnectionMethod method, Execution info);
  bool set_locked(bool locked);
  /// Nobody is there and nothing was told: for a conference that nobody watches.
  void clear();

  std::uint64_t generation() const noexcept { return generation_; }
  const ConferenceState& state() const noexcept { return state_; }
  bool has_news(const Position& position) const;
  /// Where somebody is who was told everything.
  Position newest() const noexcept { return {generation_, generation_}; }
  /// Where somebody is who was told the difference from there.
  Position after_difference(const Position& position) const noexcept { return {generation_, position.told}; }

  /// What a full document contains; `entity` is the conference URI.
  std::string full(std::string_view entity) const;
  /// What a partial document contains: work in the number of users who changed, shared by everybody at that position.
  const std::string& difference(const Position& position) const;

  /// Nobody is behind this position: who was told there to be gone is forgotten.
  void forget_departed(std::uint64_t settled);

  std::size_t size() const noexcept { return keys_.size(); }

 private:
  struct Record {
    std::string display_text;
    std::vector<std::string> roles;
    std::map<Key, Member> present;   ///< in the order of joining
    std::vector<Endpoint> departed;  ///< the newest ones that not everybody was told of
    std::uint64_t generation = 0;    ///< of the last change
    std::string told;                ///< the user element for a first step
    std::string settled;             ///< and for the second: without the departed, or deleted
    bool is_counted = false;         ///< in user-count
  };

  void changed(const std::string& user, Record& record);
  void render(const std::string& user, Record& record) const;

  Description description_;
  ConferenceState state_;
  std::uint64_t state_generation_ = 1;
  std::uint64_t generation_ = 1;
  std::map<std::string, Record> users_;
  std::unordered_map<Key, std::string> keys_;        ///< present endpoints and their users
  std::map<std::uint64_t, std::string> changes_;     ///< the last change of each user
  std::map<std::uint64_t, std::string> departures_;  ///< those among them with a second step

  struct Rendered {
    std::uint64_t generation = 0;
    Position from;
    std::string content;
  };
  mutable Rendered full_users_;
  mutable Rendered difference_;
};

}  // namespace clued::event_package
