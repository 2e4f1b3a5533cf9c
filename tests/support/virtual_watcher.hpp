// Somebody who subscribes to the conference in virtual time: a participant in or out of its dialog, or a stranger.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "conference_info_view.hpp"
#include "focus/commands.hpp"
#include "focus/events.hpp"

namespace clued::testing {

class VirtualEndpoint;
class VirtualWorld;

class VirtualWatcher {
 public:
  VirtualWatcher(VirtualWorld& world, std::string from) : world_(world), from_(std::move(from)) {}

  /// SUBSCRIBE to the world's conference; once it is accepted, a refresh of that.
  void subscribe(std::optional<std::chrono::seconds> expires = std::nullopt);
  /// The answer to the NOTIFY that is held.
  void answer(int status = 200);

  // --- how it subscribes and behaves; changeable while it runs ---
  const VirtualEndpoint* in_dialog_of = nullptr;
  const VirtualEndpoint* names_dialog_of = nullptr;  ///< by Target-Dialog
  std::optional<std::string> asserted{};             ///< user part of its asserted identity
  std::string number{};                              ///< its asserted tel URI, if any
  std::string source = "udp:127.0.0.1:5061";
  std::optional<std::string> conference{};  ///< user part of the Request-URI, if another one
  bool holds_answers = false;
  int answers_with = 200;

  // --- what the world brings it ---
  void receive_response(const focus::command::Respond& response) { responses_.push_back(response); }
  void receive_accept(const focus::command::AcceptSubscribe& accept);
  void receive_notify(const focus::command::NotifyConference& notify);

  // --- what it saw ---
  const ConferenceInfoView& view() const { return view_; }
  const std::vector<focus::command::NotifyConference>& notifies() const { return notifies_; }
  const std::vector<focus::command::Respond>& refusals() const { return responses_; }
  std::optional<std::chrono::seconds> accepted_for() const { return accepted_; }
  bool is_subscribed() const { return accepted_ && !ended_; }
  /// The reason of its end: "timeout", "rejected", "noresource"; or "".
  std::string end_reason() const;

 private:
  VirtualWorld& world_;
  std::string from_;
  focus::SubscriptionId subscription_;
  std::optional<std::chrono::seconds> accepted_;
  bool ended_ = false;
  bool owes_answer_ = false;
  ConferenceInfoView view_;
  std::vector<focus::command::NotifyConference> notifies_;
  std::vector<focus::command::Respond> responses_;
};

}  // namespace clued::testing
