// Everything around the pure core, in virtual time: the endpoints, and adapters that do what the core commands, or fail
// as `faults` says. Each command is checked on its way (no dead dialog, no closed channel, one offer and one
// advertisement at a time).
#pragma once

#include <deque>
#include <functional>
#include <list>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "adapter_faults.hpp"
#include "base/calendar.hpp"
#include "counted_randomness.hpp"
#include "focus/focus.hpp"
#include "virtual_endpoint.hpp"
#include "virtual_watcher.hpp"

namespace clued::testing {

class VirtualWorld {
 public:
  explicit VirtualWorld(focus::Policy policy = default_policy(), std::uint64_t seed = 1);

  static focus::Policy default_policy();

  /// A new endpoint that has not called yet.
  VirtualEndpoint& endpoint(const std::string& name, EndpointTraits traits = {});
  /// A new endpoint that creates the conference, or joins the one created before; the world runs until it is quiet.
  VirtualEndpoint& join(const std::string& name, EndpointTraits traits = {});

  /// Somebody who can subscribe, with that user part in its From.
  VirtualWatcher& watcher(const std::string& from) { return watchers_.emplace_back(*this, from); }

  void post(focus::Event event) { queue_.push_back(std::move(event)); }
  /// Handles all that is queued and due, without time passing.
  void settle();
  /// Lets time pass, everything that becomes due in its order.
  void advance(base::Duration duration);

  /// The endpoint of that name; the test fails when there is none.
  VirtualEndpoint* find_endpoint(const std::string& name);

  /// What the adapters do not manage, from now on.
  AdapterFaults faults;
  /// While held, ports that the core asks for are not bound yet.
  void hold_ports(bool hold);
  /// What the focus has configured at that endpoint: capture ids of its own advertisement.
  std::vector<std::string> configured(const std::string& name) const;

  base::TimePoint now() const { return now_; }
  focus::Focus& focus() { return focus_; }
  const std::string& conference() const { return conference_; }

  /// Records of that name, as "key=value key=value".
  std::vector<std::string> records(const std::string& name) const;
  /// What is written at that `log.level`: "name key=value key=value".
  std::vector<std::string> lines(base::Severity least) const;
  /// All records in order, a line each: what a failing test shows.
  std::string story() const;
  const std::vector<focus::command::NotifyRefer>& notifies() const { return notifies_; }
  /// Of REFERs, with a NOTIFY that was not answered with 200.
  const std::set<focus::SubscriptionId>& failed_subscriptions() const { return failed_subscriptions_; }
  /// Status codes of the answers to REFERs, in order.
  const std::vector<int>& refer_answers() const { return refer_answers_; }
  /// What the core did that it must not do.
  const std::vector<std::string>& violations() const { return violations_; }
  std::size_t open_ports() const { return ports_.size(); }
  std::size_t open_channels() const { return channels_.size(); }
  std::size_t open_dialogs() const { return dialogs_.size(); }
  /// Requests of endpoints that the core owes a final response.
  std::size_t open_requests() const { return requests_.size(); }
  bool has_finished_shutdown() const { return finished_; }

 private:
  friend class VirtualEndpoint;
  friend class VirtualWatcher;

  /// Virtual time begins on a day that the tests know.
  struct FirstOfMarch final : base::Calendar {
    std::chrono::system_clock::time_point at(base::TimePoint moment) const override {
      return std::chrono::sys_days{std::chrono::year{2026} / 3 / 1} +
             std::chrono::duration_cast<std::chrono::seconds>(moment.time_since_epoch());
    }
  };

  void carry_out(focus::Command& command);
  void perform(focus::command::Respond& command);
  void perform(focus::command::AcceptRefer& command);
  void perform(focus::command::NotifyRefer& command);
  void perform(focus::command::AcceptSubscribe& command);
  void perform(focus::command::NotifyConference& command);
  void perform(focus::command::ForgetSubscription& command);
  void perform(focus::command::SendInvite& command);
  void perform(focus::command::WithdrawInvite&) {}  // all INVITEs are sent at once here
  void perform(focus::command::SendCancel& command);
  void perform(focus::command::SendReinvite& command);
  void perform(focus::command::SendUpdate& command);
  void perform(focus::command::SendBye& command);
  void perform(focus::command::OpenChannel& command);
  void perform(focus::command::ConnectChannel& command);
  void perform(focus::command::SendOnChannel& command);
  void perform(focus::command::CloseChannel& command);
  void perform(focus::command::BindPort& command);
  void perform(focus::command::ReleasePort& command);
  void perform(focus::command::Log& command);
  void perform(focus::command::FinishShutdown& command);
  VirtualEndpoint* find(const std::string& name);
  /// The other end of a dialog; nobody, which is wrong unless the core does not know yet that it is over.
  VirtualEndpoint* peer_of(focus::DialogId dialog, const char* command);
  /// An adapter's answer, when it comes.
  void answer(focus::Event event);
  void later(base::Duration wait, std::function<void()> what) { later_.emplace(now_ + wait, std::move(what)); }
  /// The core is about to know this.
  void note_told(const focus::Event& event);
  void note_advertisement(focus::ChannelId channel, const std::string& message);
  void note_message_of_peer(focus::ChannelId channel, const std::string& message);
  void violate(std::string what) { violations_.push_back(std::move(what)); }
  base::Deadline next_deadline() const;
  void handle_timeouts();

  focus::RequestId next_request(VirtualEndpoint* endpoint);
  void end_dialog(VirtualEndpoint& endpoint, int status);

  focus::Policy policy_;
  CountedRandomness randomness_;
  FirstOfMarch calendar_;
  focus::Focus focus_;
  base::TimePoint now_{std::chrono::hours(1)};
  std::deque<focus::Event> queue_;
  std::list<VirtualEndpoint> endpoints_;
  std::list<VirtualWatcher> watchers_;
  std::map<focus::SubscriptionId, VirtualWatcher*> watchers_by_id_;
  std::map<focus::RequestId, VirtualWatcher*> watcher_requests_;
  std::string conference_;
  std::map<focus::DialogId, VirtualEndpoint*> dialogs_;
  std::map<focus::RequestId, VirtualEndpoint*> requests_;
  std::set<focus::RequestId> closed_requests_;  ///< answered by sip/ itself
  std::map<focus::ChannelId, VirtualEndpoint*> channels_;
  std::set<focus::ChannelId> closed_;
  std::set<focus::PortId> ports_;
  std::set<focus::DialogId> offers_outstanding_;
  std::multimap<base::TimePoint, std::function<void()>> later_;
  base::TimePoint answered_until_{};                        ///< answers of adapters keep their order
  std::set<focus::DialogId> ended_;                         ///< dialogs that the core knows to be over
  std::set<focus::PortId> failing_;                         ///< ports whose failure the core does not know yet
  std::map<focus::ChannelId, base::TimePoint> advertised_;  ///< not answered by the peer since then
  base::IdSequence<focus::RequestId> request_ids_;
  base::IdSequence<focus::DialogId> dialog_ids_;
  base::IdSequence<focus::SubscriptionId> subscription_ids_;
  std::vector<base::Record> records_;
  std::vector<focus::command::NotifyRefer> notifies_;
  std::set<focus::SubscriptionId> failed_subscriptions_;
  std::vector<int> refer_answers_;
  std::vector<std::string> violations_;
  std::uint16_t last_port_ = 40000;
  bool holds_ports_ = false;
  std::vector<focus::event::PortBound> held_ports_;
  bool finished_ = false;
};

}  // namespace clued::testing
