// What the adapters tell the core: facts, in the past tense. One of them is handled to its end before the next.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.hpp"
#include "focus/address.hpp"
#include "focus/policy.hpp"
#include "focus/proven_identities.hpp"
#include "focus/recipient_list.hpp"
#include "focus/session_timer_fields.hpp"
#include "sdp/data_channel.hpp"

namespace clued::focus {

using base::ChannelId;
using base::ConferenceId;
using base::DialogId;
using base::ParticipantId;
using base::PortId;
using base::RequestId;
using base::SubscriptionId;

/// RFC 3891, with the dialog that it names if that is one of ours.
struct Replaces {
  std::optional<DialogId> dialog{};
  bool early_only = false;
};

namespace event {

// --- SIP: what sip/ checked and answered by itself never comes here (syntax, 420, 415, 400 for Refer-To, 481) ---

/// The INVITE that begins a dialog. Answered by commands Respond with this request until a final response.
struct InviteReceived {
  RequestId request{};
  DialogId dialog{};
  std::string call_id{};
  SipUri request_uri{};
  NameAddress from{};
  ProvenIdentities proven{};  ///< all names of the caller that somebody we believe vouches for
  PeerContact contact{};
  Privacy privacy{};
  bool supports_100rel = false;         ///< Supported or Require
  bool supports_preconditions = false;  ///< the same
  bool allows_update = false;           ///< Allow: UPDATE
  SessionTimerFields session_timer{};
  std::optional<std::string> sdp{};
  std::optional<Replaces> replaces{};
  std::optional<RecipientList> recipient_list{};  ///< RFC 5366; empty: its option tag is required, but there is none
  std::string user_agent{};
  std::string source{};               ///< transport, address and port
  bool is_from_trusted_peer = false;  ///< who vouches for its users (RFC 3325), also if it does not name this one
};

/// The caller gave up before the final response. sip/ answered the CANCEL with 200; the INVITE is owed a 487.
struct CancelReceived {
  DialogId dialog{};
};

/// The 2xx to the peer's INVITE (first or re-INVITE) was acknowledged.
struct AckReceived {
  DialogId dialog{};
  std::optional<std::string> sdp{};  ///< the answer, if our 2xx carried an offer
};

/// No ACK within 64*T1 (RFC 3261 section 13.3.1.4): the session is to be ended by BYE.
struct AckTimedOut {
  DialogId dialog{};
};

/// The reliable provisional response of this dialog was acknowledged (RFC 3262).
struct PrackReceived {
  DialogId dialog{};
  std::optional<std::string> sdp{};  ///< another offer (RFC 3262 section 5)
  RequestId request{};               ///< with SDP: answered by Respond, with 200 whatever becomes of the offer
};

struct PrackTimedOut {
  DialogId dialog{};
};

/// A provisional response to our SendInvite, 100 included: from then on it can be cancelled (END-03). sip/ sent the
/// PRACK of a reliable one.
struct InviteProgressed {
  DialogId dialog{};
  int status = 180;
  std::string phrase{};
  bool reliable = false;  ///< RFC 3262: SDP in it is the answer; else only a preview of it (RFC 6337)
  std::string fork{};     ///< its To tag: which of the devices that were reached
  std::optional<std::string> sdp{};
};

/// The final response to our SendInvite. sip/ sent the ACK, and acknowledges and ends what other forks answer later.
/// After anything but a 2xx DialogTerminated follows.
struct InviteAnswered {
  DialogId dialog{};
  int status = 0;  ///< 408 also when nobody answered, 503 when nobody was reached
  std::string phrase{};
  std::string fork{};
  std::optional<std::string> sdp{};     ///< of a 2xx; of a 580, which it explains
  PeerContact contact{};                ///< of a 2xx
  std::vector<SipUri> alternatives{};   ///< the Contacts of a 3xx, best first
  ProvenIdentities proven{};            ///< of a 2xx: as of InviteReceived
  SessionTimerFields session_timer{};   ///< of a 2xx; of a 422 its Min-SE
  bool allows_update = false;           ///< Allow: UPDATE
  bool requires_preconditions = false;  ///< of a 421
  std::string user_agent{};
};

/// INVITE or UPDATE within a dialog. Answered by Respond.
struct ReinviteReceived {
  RequestId request{};
  DialogId dialog{};
  bool is_update = false;            ///< RFC 3311
  std::optional<std::string> sdp{};  ///< none: re-INVITE: asks for an offer; UPDATE: refresh only
  SessionTimerFields session_timer{};
  bool supports_preconditions = false;  ///< Supported or Require
};

/// The peer of an established dialog is at another Contact from now on (RFC 3261 section 12.2): it said so in a
/// request that we answered with a 2xx, or in a 2xx to one of ours.
struct TargetRefreshed {
  DialogId dialog{};
  PeerContact contact{};
};

/// The final response to our SendReinvite. sip/ sent the ACK of a re-INVITE.
struct ReinviteAnswered {
  DialogId dialog{};
  int status = 0;  ///< 408 also when nobody answered
  std::string phrase{};
  std::optional<std::string> sdp{};
  std::optional<std::chrono::seconds> retry_after{};
  SessionTimerFields session_timer{};  ///< of a 2xx; of a 422 its Min-SE
};

/// The final response to our SendUpdate.
struct UpdateAnswered {
  DialogId dialog{};
  int status = 0;  ///< 408 also when nobody answered
  std::optional<std::chrono::seconds> retry_after{};
  SessionTimerFields session_timer{};  ///< of a 2xx; of a 422 its Min-SE
};

/// sip/ answered it with 200 and the dialog's other open requests are owed 487 (END-01). DialogTerminated follows.
struct ByeReceived {
  DialogId dialog{};
  std::string reason{};  ///< the Reason header, or ""
};

/// The last event of a dialog, however it ended: BYE answered or timed out, INVITE refused, never confirmed.
struct DialogTerminated {
  DialogId dialog{};
  int status = 0;  ///< of our BYE: its final response, 408 when none came; else 0
};

struct ReferReceived {
  RequestId request{};
  SubscriptionId subscription{};     ///< what its NOTIFYs go to, if AcceptRefer makes the implicit subscription
  std::optional<DialogId> dialog{};  ///< the INVITE dialog it came in
  std::optional<DialogId>
      target_dialog{};  ///< out of dialog: the one that its Target-Dialog names (RFC 4538), if we have it
  SipUri request_uri{};
  NameAddress from{};
  ProvenIdentities proven{};
  PeerContact contact{};
  ReferTarget refer_to{};
  std::optional<bool> refer_sub{};  ///< the Refer-Sub header (RFC 4488)
  std::string referred_by{};        ///< as it came, to be copied into what it triggers (RFC 3892), or ""
  Privacy privacy{};
  std::string call_id{};
  std::string source{};
  bool is_from_trusted_peer = false;  ///< as of InviteReceived
};

/// SUBSCRIBE to the conference event package (RFC 4575). Answered by AcceptSubscribe or Respond.
struct SubscribeReceived {
  RequestId request{};
  SubscriptionId subscription{};  ///< a new one, or the one that it refreshes
  bool is_refresh = false;
  std::optional<DialogId> dialog{};         ///< the INVITE dialog it came in
  std::optional<DialogId> target_dialog{};  ///< out of dialog: as of ReferReceived
  SipUri request_uri{};
  NameAddress from{};
  ProvenIdentities proven{};
  std::optional<std::chrono::seconds> expires{};  ///< none: the package's default
  std::string call_id{};
  std::string source{};
  bool is_from_trusted_peer = false;  ///< as of InviteReceived
};

/// A NOTIFY was answered, or failed.
struct NotifyAnswered {
  SubscriptionId subscription{};
  int status = 0;
};

struct OptionsReceived {
  RequestId request{};
  SipUri request_uri{};
};

// --- the CLUE channel ---

/// Our end exists: its candidates are complete and can be told to the peer. Answer to OpenChannel.
struct ChannelGathered {
  ChannelId channel{};
  sdp::DataChannel local{};  ///< setup, stream_id and sctp_port are for the core to fill
};

enum class ChannelEnd { client, server };  ///< of the DTLS handshake; the client is Channel Initiator

/// ICE, DTLS (fingerprint checked) and SCTP are up.
struct ChannelEstablished {
  ChannelId channel{};
  ChannelEnd end = ChannelEnd::client;
};

struct ChannelMessageReceived {
  ChannelId channel{};
  std::string message{};
};

/// The channel is broken or was removed by the peer. It is no use any more; CloseChannel frees it.
struct ChannelFailed {
  ChannelId channel{};
  std::string cause{};   ///< one word for logs: ice, dtls, fingerprint, sctp, peer_reset, peer_shutdown, peer_abort,
                         ///< protocol, gathering
  std::string detail{};  ///< a sentence
};

/// Nothing is left of it: association, session, agent, sockets. The last event of a channel, after CloseChannel.
struct ChannelReleased {
  ChannelId channel{};
  std::string how{};  ///< "shutdown", "abort", "incomplete": how far the graceful removal came
};

// --- media ---

struct PortBound {
  PortId port{};
  std::uint16_t rtp_port = 0;
};

struct PortFailed {
  PortId port{};
  std::string detail{};
};

// --- the operator ---

/// SIGTERM or SIGINT: no new conferences; all are to be ended properly.
struct ShutdownRequested {};

/// SIGHUP brought another policy. It holds for all that is decided from now on; nobody is sent away.
struct PolicyChanged {
  std::shared_ptr<const Policy> policy{};
};

}  // namespace event

using Event =
    std::variant<event::InviteReceived, event::CancelReceived, event::AckReceived, event::AckTimedOut,
                 event::PrackReceived, event::PrackTimedOut, event::InviteProgressed, event::InviteAnswered,
                 event::ReinviteReceived, event::TargetRefreshed, event::ReinviteAnswered, event::UpdateAnswered,
                 event::ByeReceived, event::DialogTerminated, event::ReferReceived, event::SubscribeReceived,
                 event::NotifyAnswered, event::OptionsReceived, event::ChannelGathered, event::ChannelEstablished,
                 event::ChannelMessageReceived, event::ChannelFailed, event::ChannelReleased, event::PortBound,
                 event::PortFailed, event::ShutdownRequested, event::PolicyChanged>;

}  // namespace clued::focus
