// What the parts of the core share: the policy, randomness, ids, and who owns what.
#pragma once

#include <functional>
#include <string>
#include <unordered_map>

#include "base/calendar.hpp"
#include "base/ids.hpp"
#include "base/randomness.hpp"
#include "base/time.hpp"
#include "focus/commands.hpp"
#include "focus/policy.hpp"
#include "focus/shares.hpp"

namespace clued::focus {

/// The handling of one event: when it is and where its commands go.
struct Turn {
  base::TimePoint now;
  Commands& out;

  template <class Command>
  void emit(Command command) const {
    out.emplace_back(std::move(command));
  }
};

/// Whom an adapter's event is about.
struct Routes {
  std::unordered_map<DialogId, ParticipantId> dialogs;
  std::unordered_map<ChannelId, ParticipantId> channels;
  std::unordered_map<PortId, ParticipantId> ports;
  std::unordered_map<SubscriptionId, ConferenceId> subscriptions;  ///< of REFERs that are owed a last NOTIFY, and to
                                                                   ///< the conference
};

class Conference;

struct Services {
  CurrentPolicy policy;
  base::Randomness& randomness;
  Routes routes;
  base::IdSequence<ChannelId> channel_ids;
  base::IdSequence<PortId> port_ids;
  base::IdSequence<ParticipantId> participant_ids;
  base::IdSequence<base::OperationId> operation_ids;
  const base::Calendar* calendar = nullptr;                      ///< none: the time of day is not told
  std::size_t watches = 0;                                       ///< subscriptions to conferences, in all
  std::unordered_map<std::string, std::size_t> watches_of = {};  ///< the same, by whose they are
  std::uint64_t called_dialogs = 0;                              ///< that we began so far
  Shares<SubscriptionId> refers = {};                            ///< REFERs that are owed a last NOTIFY
  Shares<ParticipantId> seats = {};                              ///< of who stays, in all conferences
  Shares<PortId> ports = {};                                     ///< RTP port pairs of who stays
  /// Has somebody leave, in whichever conference, when all seats are taken (the focus does). False: nobody has to give
  /// way to this account.
  std::function<bool(const Account&, const Conference* asking, const Turn&)> make_seat = {};

  const ConferencePolicy& conference_policy() const { return policy->conference; }

  DialogId next_called_dialog() { return DialogId{first_called_dialog + called_dialogs++}; }
};

}  // namespace clued::focus
