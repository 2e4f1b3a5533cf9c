// A telepresence endpoint (or a plain phone) in virtual time, as the pure core meets it: the other end of its dialog,
// of its offers and answers and of its CLUE channel.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "clue/clue_participant.hpp"
#include "focus/commands.hpp"
#include "focus/events.hpp"
#include "sdp/session_description.hpp"

namespace clued::testing {

class VirtualWorld;

/// What an endpoint has and how it behaves.
struct EndpointTraits {
  bool telepresence = true;
  unsigned cameras = 2;
  bool supports_100rel = false;
  bool offerless = false;
  bool encrypted = false;  ///< offers RTP with encryption alone
  std::string host = "ims.example.net";
  bool allows_update = true;
  focus::SessionTimerFields session_timer{};             ///< what its INVITE asks for
  std::string user{};                                    ///< of its address of record; "": its name
  bool asserted = false;                                 ///< a trusted peer vouches for its address of record
  std::string number{};                                  ///< for which a trusted peer vouches, beside that or alone
  std::string instance{};                                ///< +sip.instance of its Contact
  bool is_private = false;                               ///< Privacy: id
  std::string source = "udp:127.0.0.1:5061";             ///< where its requests come from
  std::optional<focus::RecipientList> recipient_list{};  ///< of its INVITE (RFC 5366)
  // When it is called.
  enum class Called { answers, rings, is_silent };  ///< rings: 180, and waits for answer_call(); silent: not even 100
  Called called = Called::answers;
  bool early_answer = false;             ///< its answer comes in a reliable 183
  std::optional<int> refuses_call{};     ///< with this status
  std::optional<int> refuses_clue{};     ///< with this status, an offer with CLUE in it
  bool overlooks_history_offer = false;  ///< answers a body of two parts as if it had no offer
  std::optional<int> refuses_history{};  ///< with this status, a body of two parts
  std::vector<std::string> redirects{};  ///< 302 to these users
  // Misbehaviour, changeable while it runs.
  bool holds_ack = false;  ///< sends no ACK until told
  bool holds_prack = false;
  bool loses_ack = false;  ///< it is sent, and does not arrive
  bool loses_prack = false;
  bool clue_frozen = false;     ///< reads nothing on its channel until thaw()
  bool sip_frozen = false;      ///< answers no re-INVITE
  bool bye_unanswered = false;  ///< its dialog ends by the transaction's timeout only
  int bye_status = 200;
  bool refuses_advertisements = false;
  bool wants_nothing = false;                       ///< configures only when it is told to
  std::optional<std::uint64_t> max_message_size{};  ///< of its channel (RFC 8841); not said: 65536
  std::string ice_pwd = "0123456789012345678901";   ///< of its channel: with another one it asks for another channel
  std::optional<int> refuses_reinvite{};            ///< with this status
  std::optional<int> refuses_update{};
  std::optional<std::chrono::seconds> retry_after{};  ///< of both
  std::optional<focus::SessionTimerFields>
      says_of_timer{};                                ///< in 200 and 422 to re-INVITE and UPDATE, if not as asked
  std::optional<std::chrono::seconds> min_expires{};  ///< 422 to shorter sessions
  bool brief_about_channel = false;                   ///< its later SDP leaves out what is known (defect D10)
  /// Preconditions (RFC 3312): none, or its resources are to be reserved, or are there.
  enum class Resources { not_said, missing, there };
  Resources resources = Resources::not_said;
  bool requires_preconditions = false;  ///< 421 to an INVITE without
};

class VirtualEndpoint {
 public:
  VirtualEndpoint(VirtualWorld& world, std::string name, EndpointTraits traits);

  // --- what it does ---
  void invite(const std::string& uri_user);
  void invite_with(std::string sdp, const std::string& uri_user);
  /// INVITE with Replaces: takes the place of another one in its conference.
  void replace(const VirtualEndpoint& other, bool early_only = false, const std::string& uri_user = {});
  void replace_with(std::string sdp, const VirtualEndpoint& other);
  void cancel();
  void ack();
  void prack();
  void bye();
  void reinvite();
  void reinvite_with_another_line();
  /// With another line instead of the CLUE channel.
  void reinvite_without_channel();
  void reinvite_with(std::string sdp);
  /// Holds the others: "sendonly", "inactive" or "0.0.0.0"; "sendrecv" again takes them back.
  void hold(const std::string& how);
  /// An UPDATE without SDP: it refreshes the session.
  void update(focus::SessionTimerFields session_timer);
  /// It is at another Contact from now on, as a 2xx to its re-INVITE has made sure.
  void move_to(focus::PeerContact contact);
  /// The same lines, in this direction: "inactive" is a hold.
  void reinvite_with_direction(const std::string& direction);
  /// The dialog counts as confirmed for the focus although no ACK came (64*T1 passed).
  void confirm_silently() { confirmed_ = true; }
  /// Its side of the dialog is gone: no event of it comes any more.
  void forget_dialog();
  // --- preconditions (virtual_preconditions.cpp) ---
  /// It has its resources and says so, by UPDATE or in the PRACK.
  void reserve(const std::string& more = "");
  void prack_with_offer(const std::string& more = "");
  /// A re-INVITE in the middle of the session, for resources that are still to be reserved.
  void reinvite_without_resources();
  // --- when it is called (virtual_callee.cpp) ---
  void ring(int status = 180);
  void answer_call(const std::string& fork = "a");
  void refuse_call(int status);
  /// REFER with method=INVITE in its own dialog; `uri` may carry header fields.
  void refer_invite(const std::string& user, std::vector<std::pair<std::string, std::string>> headers = {});
  void refer_invite_to(focus::ReferTarget target);

  /// REFER in its own dialog, or out of it with Target-Dialog.
  void refer_bye(const VirtualEndpoint& target, bool in_dialog = true);
  /// The same for any URI; `in_dialog` false and `names_dialog` false: only its asserted identity speaks for it.
  void refer(const focus::SipUri& target, const std::string& method, bool in_dialog = true, bool names_dialog = true);
  /// Out of its dialog, with the Target-Dialog of somebody else.
  void refer_in_the_name_of(const VirtualEndpoint& other, const focus::SipUri& target, const std::string& method);
  void advertise(unsigned cameras);
  void advertise(clue::AdvertisementContent content);
  /// Wants these captures of the others, each in an encoding of its group.
  void configure(const std::vector<std::string>& captures);
  /// Puts these bytes on its channel.
  void say(std::string message);
  /// Reads what has come on its channel while that was frozen, and goes on.
  void thaw();
  /// Its channel breaks.
  void lose_channel();

  // --- what the world brings it ---
  void receive_response(const focus::command::Respond& response);
  void receive_invite(const focus::command::SendInvite& invite);
  void receive_cancel(const focus::command::SendCancel& cancel);
  void receive_reinvite(const focus::command::SendReinvite& reinvite);
  void receive_update(const focus::command::SendUpdate& update);
  void answer_reinvite();
  void receive_bye(const focus::command::SendBye& bye);
  void channel_connected(const focus::command::ConnectChannel& command);
  void channel_message(const std::string& message);
  void channel_closed();
  void handle_timeout();
  base::Deadline next_deadline() const;

  // --- what it saw ---
  const std::string& name() const { return name_; }
  std::string aor() const { return "sip:" + user() + "@" + traits.host; }
  const std::string& user() const { return traits.user.empty() ? name_ : traits.user; }
  focus::DialogId dialog() const { return dialog_; }
  const std::vector<int>& responses() const { return responses_; }
  const std::vector<focus::command::SendInvite>& invites() const { return invites_; }
  bool was_cancelled() const { return cancelled_; }
  const std::vector<std::string>& offers() const { return offers_; }  ///< re-INVITEs of the focus
  /// What the focus said of the session timer in its 2xx, the newest last, and in its UPDATEs.
  const std::vector<focus::SessionTimerFields>& session_timers() const { return session_timers_; }
  const std::vector<focus::SessionTimerFields>& updates() const { return updates_; }
  /// The last response to its INVITE.
  const focus::command::Respond& last_response() const { return last_response_; }
  const std::vector<std::string>& messages() const { return messages_; }  ///< CLUE messages of the focus
  const std::vector<std::string>& history() const {
    return history_;
  }  ///< "advertisement", "reinvite", "bye", ... in order
  const std::optional<focus::command::SendBye>& bye_received() const { return bye_; }
  std::size_t advertisements() const;
  /// Bytes of the focus's CLUE messages to it.
  std::uint64_t bytes() const;
  /// How many messages of that name it got.
  std::size_t count(const std::string& message) const;
  /// The last advertisement of the focus; the test fails when there is none.
  clue::AdvertisementContent last_advertisement() const;
  bool is_confirmed() const { return confirmed_; }
  bool is_over() const { return over_; }
  bool has_clue() const { return clue_ && clue_->state() == clue::ClueParticipant::State::active; }
  const std::string& contact_user() const { return contact_user_; }
  std::string answer_sdp() const { return answer_; }
  clue::AdvertisementContent own_captures() const;
  /// Its own captures that the focus has configured.
  std::vector<std::string> configured() const;

  EndpointTraits traits;

 private:
  void post_refer(const focus::SipUri& target, const std::string& method, std::optional<focus::DialogId> dialog,
                  std::optional<focus::DialogId> target_dialog);
  friend class VirtualWorld;

  std::string make_offer() const;
  focus::ProvenIdentities proven() const;
  std::string precondition_lines(bool is_answer) const;
  void append_preconditions(sdp::MediaDescription& line) const;
  std::string make_answer(const std::string& offer);
  void carry_out(clue::Actions& actions);
  void select();
  void learn_answer(const std::string& sdp);
  void send_ack();
  void send_prack();

  VirtualWorld& world_;
  std::string name_;
  focus::DialogId dialog_;
  focus::ChannelId channel_;
  std::optional<clue::ClueParticipant> clue_;
  std::shared_ptr<const clue::Advertisement> advertised_;
  std::vector<int> responses_;
  std::vector<focus::command::SendInvite> invites_;
  bool progressed_ = false;  ///< the INVITE has a provisional response
  bool answered_ = false;    ///< ... and a final one
  bool cancelled_ = false;
  focus::command::Respond last_response_;
  std::vector<std::string> offers_, messages_, history_;
  std::vector<std::string> unread_;  ///< came while the channel was frozen
  std::vector<focus::SessionTimerFields> session_timers_, updates_;
  std::optional<focus::command::SendBye> bye_;
  std::string contact_user_, answer_, pending_offer_;
  std::optional<focus::Replaces> replaces_;  ///< of its next INVITE
  focus::SessionTimerFields pending_timer_;
  focus::RequestId invite_request_;            ///< the INVITE that began its dialog
  std::set<focus::RequestId> later_requests_;  ///< UPDATEs and PRACKs of its own
  unsigned version_ = 1;
  bool confirmed_ = false;
  bool over_ = false;
  bool has_channel_line_ = false;
};

}  // namespace clued::testing
