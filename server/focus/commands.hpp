// What the core wants done: imperatives, carried out in order by app/'s executor. A command for something that is gone
// meanwhile is not an error: the event that says so is already queued.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/record.hpp"
#include "focus/events.hpp"

namespace clued::focus {

/// The Contact of the focus within a dialog (FOC-06): sip/ adds host, port and transport.
struct FocusContact {
  std::string user{};         ///< user part of the conference URI
  bool telepresence = false;  ///< +sip.clue
};

/// Dialogs that we begin are numbered from here on, those that peers begin from 1: neither side asks the other.
inline constexpr std::uint64_t first_called_dialog = std::uint64_t{1} << 62U;

/// RFC 3326.
struct Reason {
  int cause = 200;
  std::string text{};
};

/// Why SDP could not be taken: RFC 3261 section 20.43.
struct Warning {
  static constexpr int address_format = 301;
  static constexpr int transport = 302;
  static constexpr int media_type = 304;
  static constexpr int media_format = 305;
  static constexpr int miscellaneous = 399;

  int code = miscellaneous;
  std::string text{};
};

namespace command {

/// Answers a received request. For an INVITE: provisional responses, then one final one.
struct Respond {
  RequestId request{};
  int status = 200;
  std::string phrase{};  ///< "": the standard one
  std::optional<FocusContact> contact{};
  std::optional<std::string> sdp{};
  bool reliable = false;  ///< a 1xx to be acknowledged by PRACK (RFC 3262)
  std::optional<std::chrono::seconds> retry_after{};
  std::optional<Reason> reason{};
  std::optional<SessionTimerFields> session_timer{};  ///< in a 2xx to INVITE or UPDATE
  std::optional<std::chrono::seconds> min_expires{};  ///< of a 423
  std::string unsupported{};                          ///< option tags of a 420
  bool takes_recipient_list = false;                  ///< of a 200 to OPTIONS: an INVITE there may have one (RFC 5366)
  bool preconditions = false;                         ///< the SDP has some: Require says so (RFC 3312 section 11)
  std::optional<Warning> warning{};                   ///< of a 400 or 488
};

/// 2xx to a REFER. Without subscription when Refer-Sub: false was asked for (RFC 4488): then NotifyRefer never follows.
struct AcceptRefer {
  RequestId request{};
  int status = 200;
  std::optional<FocusContact> contact{};
  bool subscribe = true;
};

/// A NOTIFY with a message/sipfrag body of this status line (RFC 3515 section 2.4.5).
struct NotifyRefer {
  SubscriptionId subscription{};
  int status = 100;
  std::string phrase{};
  bool terminated = false;  ///< Subscription-State: terminated;reason=noresource
};

/// 200 to a SUBSCRIBE to the conference package; NotifyConference follows.
struct AcceptSubscribe {
  RequestId request{};
  SubscriptionId subscription{};
  std::chrono::seconds expires{};
  FocusContact contact{};
};

/// A NOTIFY of the conference package. At most one is unanswered, but the terminating one waits for nothing here.
struct NotifyConference {
  SubscriptionId subscription{};
  std::string state{};      ///< value of Subscription-State
  bool terminated = false;  ///< the last one: the subscription is over when it was answered
  std::string document{};   ///< application/conference-info+xml; "": no body
};

/// The subscription is of no more use and no (more) NOTIFY is wanted.
struct ForgetSubscription {
  SubscriptionId subscription{};
};

/// An INVITE of ours that begins a dialog (RFC 4579 section 5.2). From and Contact are the conference URI (FOC-10).
/// InviteProgressed and InviteAnswered follow; DialogTerminated when nothing came of it.
struct SendInvite {
  DialogId dialog{};  ///< chosen by the core, from `first_called_dialog` on
  std::string call_id{};
  SipUri target{};
  FocusContact contact{};
  std::string sdp{};
  SessionTimerFields session_timer{};
  std::string referred_by{};                                   ///< "" or the referrer's, copied (REF-09)
  std::vector<std::pair<std::string, std::string>> headers{};  ///< that the referrer asked for and we allow (REF-07)
  std::shared_ptr<const std::string> recipient_history{};      ///< a recipient-list-history (RFC 5364), or none
  bool preconditions = false;                                  ///< Supported names them
};

/// An INVITE of ours that nothing was heard of yet is not wanted any more. If it was not sent, because the address of
/// the next hop is still being looked up, it is not, and InviteAnswered with 487 follows; else SendCancel does.
struct WithdrawInvite {
  DialogId dialog{};
};

/// Gives up an INVITE of ours that has a provisional response and no final one. The final response still comes.
struct SendCancel {
  DialogId dialog{};
  Reason reason{};
};

/// A re-INVITE with this offer in a confirmed dialog, or an UPDATE with it while our INVITE has no final response
/// (OA-07).
struct SendReinvite {
  DialogId dialog{};
  FocusContact contact{};
  std::string sdp{};
  SessionTimerFields session_timer{};
  bool preconditions = false;         ///< Supported names them
  std::optional<std::string> fork{};  ///< UPDATE: in the early dialog with this device
};

/// An UPDATE without SDP, which refreshes the session (RFC 4028 section 7.4). UpdateAnswered follows.
struct SendUpdate {
  DialogId dialog{};
  FocusContact contact{};
  SessionTimerFields session_timer{};
};

/// Ends a confirmed dialog. The core never sends it before the ACK (END-02).
struct SendBye {
  DialogId dialog{};
  Reason reason{};
  std::string referred_by{};  ///< "" or the requester's Referred-By (REF-09)
};

/// Makes an ICE agent and gathers. ChannelGathered or ChannelFailed follows.
struct OpenChannel {
  ChannelId channel{};
  sdp::IpFamily family = sdp::IpFamily::v4;
  /// The ICE role (RFC 8445 section 6.1.1): true when we offer or the offerer is lite. A wrong guess costs a full peer
  /// one round trip; with a lite one nothing would come up.
  bool controlling = false;
  base::SharedSubject subject{};  ///< whose it is, for the log
};

/// Both ends are known: start checks, then DTLS in the role of local.setup, then SCTP.
struct ConnectChannel {
  ChannelId channel{};
  sdp::DataChannel local{};
  sdp::DataChannel remote{};
};

struct SendOnChannel {
  ChannelId channel{};
  std::string message{};
};

/// Removes the channel in the order of TP-08, whatever its state. ChannelReleased follows.
struct CloseChannel {
  ChannelId channel{};
};

struct BindPort {
  PortId port{};
  sdp::IpFamily family = sdp::IpFamily::v4;
  base::SharedSubject subject{};  ///< whose it is, for the log
};

struct ReleasePort {
  PortId port{};
};

struct Log {
  base::Record record{};
};

/// After ShutdownRequested: every conference is over, the process may end.
struct FinishShutdown {};

}  // namespace command

using Command =
    std::variant<command::Respond, command::AcceptRefer, command::NotifyRefer, command::AcceptSubscribe,
                 command::NotifyConference, command::ForgetSubscription, command::SendInvite, command::WithdrawInvite,
                 command::SendCancel, command::SendReinvite, command::SendUpdate, command::SendBye,
                 command::OpenChannel, command::ConnectChannel, command::SendOnChannel, command::CloseChannel,
                 command::BindPort, command::ReleasePort, command::Log, command::FinishShutdown>;
using Commands = std::vector<Command>;

}  // namespace clued::focus
