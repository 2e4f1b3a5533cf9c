#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/damping.hpp"
#include "clue/clue_participant.hpp"
#include "focus/clue_channel.hpp"
#include "focus/invitation.hpp"
#include "focus/invite_dialog.hpp"
#include "focus/negotiation.hpp"
#include "focus/participant_log.hpp"
#include "focus/participant_registry.hpp"
#include "focus/refresh_view.hpp"
#include "focus/services.hpp"
#include "focus/session_timer.hpp"
#include "focus/source_configuration.hpp"

namespace clued::focus {

/// Why somebody leaves, in the word that the log uses.
struct Departure {
  const char* cause = "bye";  ///< bye, cancelled, removed, conference_ended, shutdown, no_ack, unreachable, refused
  InviteDialog::Ending ending;
  bool peer_ended = false;      ///< by its BYE, its CANCEL or the loss of its dialog: we send no BYE
  std::string reason{};         ///< for those who watch, when the ending's own is none
  std::string refer_call_id{};  ///< of the REFER that asked for it
  std::string by{};             ///< whose wish it was, as the others know that user; "": nobody's in particular
};

/// What a participant's handling of an event means to its conference.
struct ParticipantSignals {
  bool joined = false;             ///< its dialog is confirmed
  bool left = false;               ///< it started to leave: nothing of it counts any more
  bool dialog_over = false;        ///< its dialog has no transaction left
  bool offering_changed = false;   ///< its own captures are others now
  bool needs_telling = false;      ///< its CLUE channel became active: it is to be told of the others
  bool selection_changed = false;  ///< what it wants of the others is something else now
  bool configurable = false;       ///< its streams changed: what we configure of it has to be looked at
  bool renamed = false;            ///< names() changed
  // of one that we call
  std::optional<StatusLine> progress{};   ///< what is to be told of it
  std::optional<StatusLine> concluded{};  ///< the call was answered, refused or given up
};

/// One participant of a conference (RFC 4353): its dialog, its offers and answers, its CLUE channel, and what it was
/// told.
class Participant {
 public:
  Participant(Services& services, std::string conference_user, ParticipantId id, unsigned number,
              const event::InviteReceived& invite);
  /// One that we call; begin_call() does.
  Participant(Services& services, std::string conference_user, ParticipantId id, unsigned number, CallRequest request);
  ~Participant();
  Participant(const Participant&) = delete;
  Participant& operator=(const Participant&) = delete;

  // --- events; each leaves its meaning for the conference in take_signals() ---
  void on(const event::InviteReceived& event, const Turn& turn);
  void on(const event::CancelReceived& event, const Turn& turn);
  void on(const event::AckReceived& event, const Turn& turn);
  void on(const event::AckTimedOut& event, const Turn& turn);
  void on(const event::PrackReceived& event, const Turn& turn);
  void on(const event::PrackTimedOut& event, const Turn& turn);
  void on(const event::InviteProgressed& event, const Turn& turn);
  void on(const event::InviteAnswered& event, const Turn& turn);
  void on(const event::ReinviteReceived& event, const Turn& turn);
  void on(const event::TargetRefreshed& event, const Turn& turn);
  void on(const event::ReinviteAnswered& event, const Turn& turn);
  void on(const event::UpdateAnswered& event, const Turn& turn);
  void on(const event::ByeReceived& event, const Turn& turn);
  void on(const event::DialogTerminated& event, const Turn& turn);
  void on(const event::ChannelGathered& event, const Turn& turn);
  void on(const event::ChannelEstablished& event, const Turn& turn);
  void on(const event::ChannelMessageReceived& event, const Turn& turn);
  void on(const event::ChannelFailed& event, const Turn& turn);
  void on(const event::ChannelReleased& event, const Turn& turn);
  void on(const event::PortBound& event, const Turn& turn);
  void on(const event::PortFailed& event, const Turn& turn);

  // --- what the conference has it do ---

  /// Sends the INVITE once our candidates and ports are there.
  void begin_call(const Turn& turn);
  /// Ends the session by the book: BYE (or final response, or BYE after the ACK), then the CLUE channel, then the ports
  /// (TP-07, TP-09, END-02). Again: nothing.
  void leave(const Departure& departure, const Turn& turn);
  /// The others' captures changed.
  void mark_stale(RefreshView::Urgency urgency, const Turn& turn);
  /// The captures of one of them changed, who is told of at this moment.
  void mark_stale(base::TimePoint when);
  /// When the others are told that its captures changed now: the later, the more often they do.
  base::TimePoint plan_telling_others(const Turn& turn);
  /// From where an earlier participant of the same account has left it.
  void go_on_telling(const base::Damping& damping) { telling_others_ = damping; }
  const base::Damping& telling_others() const noexcept { return telling_others_; }
  /// It is to know this: advertisement first, then the streams if their number changed (SIG-09).
  void tell(Composition composition, Generation generation, const Turn& turn);
  /// These captures of its own are wanted by the others.
  void configure(const SourceConfiguration& wanted, const Turn& turn);
  /// The same, because the others have made up their minds anew: at once, or when is_configure_due(), the later the
  /// more often they do.
  void configure_in_time(const SourceConfiguration& wanted, const Turn& turn);

  ParticipantSignals take_signals() { return std::exchange(signals_, {}); }
  base::Deadline next_deadline() const;
  void handle_timeout(const Turn& turn);

  // --- what the conference wants to know ---
  ParticipantId id() const noexcept { return id_; }
  unsigned number() const noexcept { return number_; }
  const ParticipantNames& names() const noexcept { return names_; }
  /// The others are not to know who it is. Before anything else is done with it.
  void make_anonymous(unsigned user) { names_.anonymity = ParticipantNames::Anonymity{user, number_}; }
  /// The others know this user by another name than this leg's.
  void make_known_as(NameAddress name) { names_.known_as = std::move(name); }
  const InviteDialog& dialog() const noexcept { return dialog_; }
  const sdp::OfferAnswer& session() const noexcept { return negotiation_.session(); }
  /// When its INVITE came, or it was asked for that it is called.
  base::TimePoint since() const noexcept { return since_; }
  /// When its INVITE came, or it answered ours; none: it has not.
  base::Deadline entered_at() const noexcept { return entered_at_; }
  /// Under which host it called us; "" if we called it.
  const std::string& called_host() const noexcept { return called_host_; }
  /// Where its INVITE came from: transport, address and port.
  const std::string& source() const noexcept { return source_; }
  /// Why it leaves, from when it began to.
  const std::optional<Departure>& departure() const noexcept { return departure_; }
  ParticipantLog& log() noexcept { return log_; }
  const ParticipantLog& log() const noexcept { return log_; }
  ParticipantTally tally() const noexcept {
    return {advertisements_sent_, configures_applied_, negotiation_.offers_sent()};
  }
  bool is_in_conference() const noexcept { return joined_ && !leaving_; }
  bool is_leaving() const noexcept { return leaving_; }
  /// We call it, and it has not answered for good.
  bool is_being_called() const noexcept { return invitation_ && !invitation_->is_concluded(); }
  /// It is called, and the others are not to know until it is in.
  bool is_called_unseen() const noexcept { return is_being_called() && invitation_->request().is_unseen_until_in; }
  /// Its device said so (180).
  bool is_ringing() const noexcept { return is_being_called() && invitation_->is_ringing(); }
  /// Of one that we called, when is_being_called() is over.
  const StatusLine& call_outcome() const noexcept { return invitation_->outcome(); }
  bool was_called() const noexcept { return invitation_.has_value(); }
  /// What asked for the call, of one that was called.
  const CallRequest& call_request() const noexcept { return invitation_->request(); }
  bool is_gone() const noexcept { return dialog_.state() == InviteDialog::State::terminated && channel_.is_gone(); }
  /// It understands telepresence: its CLUE channel is, or is becoming, active.
  bool has_clue() const noexcept { return clue_.has_value(); }
  /// Its captures as others may know them: its advertisement, or those of a plain phone's lines; none yet: nullptr.
  std::shared_ptr<const clue::AdvertisementContent> offering() const;
  const std::shared_ptr<const clue::Advertisement>& advertisement() const noexcept { return peer_advertisement_; }
  std::vector<sdp::PeerEncoding> encodings() const { return negotiation_.session().peer_encodings(); }
  /// What it selected of the others' captures.
  const std::vector<clue::CaptureEncoding>& selection() const noexcept { return selection_; }
  bool is_refresh_due(base::TimePoint now) const noexcept { return can_be_told() && view_.is_due(now); }
  bool is_configure_due(base::TimePoint now) const noexcept { return configure_at_ && *configure_at_ <= now; }
  bool is_configure_planned() const noexcept { return configure_at_.has_value(); }
  /// Its CLUE channel is active and we are Media Provider on it.
  bool can_be_told() const noexcept { return provides_ && is_in_conference(); }
  std::uint64_t max_message_size() const noexcept { return channel_.max_message_size(); }
  /// What it was told, has acknowledged and has the streams for; nullopt for who cannot be told.
  std::optional<Knowledge> knowledge() const;
  /// It is to be told of the conference scene alone (CP-19).
  bool is_reduced() const noexcept { return reduced_; }

 private:
  // participant_session.cpp
  void begin_answer(const sdp::OfferPlan& plan, const Turn& turn);
  void begin_offer_in_response(RequestId request, Negotiation::Method method, const Turn& turn);
  void try_answer(const Turn& turn);
  void answer_invite(std::string body, bool with_channel, const Turn& turn);
  void accept_invite(std::optional<std::string> sdp, const Turn& turn);
  void refuse(const Negotiation::Refusal& refusal, const Turn& turn);
  void reject_reinvite(const event::ReinviteReceived& event, int status, const char* why, const Turn& turn);
  void peer_channel_known(const std::optional<sdp::DataChannel>& peer, const Turn& turn);
  std::vector<sdp::WantedStream> offerless_streams() const;
  // participant_early.cpp
  void progress_invite(std::string body, bool with_channel, const Turn& turn);
  void accept_when_ready(const Turn& turn);
  void answer_prack(const event::PrackReceived& event, const Turn& turn);
  void give_up_preconditions(const Turn& turn);
  // participant_liveness.cpp
  void keep_alive(const Turn& turn);
  void refresh_session(const Turn& turn);
  void refresh_refused(int status, const std::optional<std::chrono::seconds>& retry_after,
                       const SessionTimerFields& said, const Turn& turn);
  bool leaves_after(const event::ChannelFailed& failure, const Turn& turn);
  void dialog_over();
  void joined(const Turn& turn);
  // participant_calling.cpp
  void try_call(const Turn& turn);
  void call_again(const Turn& turn);
  bool take_first_answer(const std::string& sdp, const Turn& turn);
  void call_answered(const event::InviteAnswered& event, const Turn& turn);
  void answer_unusable(int status, const char* why, const Turn& turn);
  void call_refused(const event::InviteAnswered& event, const Turn& turn);
  void give_up_call(const char* cause, StatusLine outcome, const Turn& turn);
  void watch_call(const Turn& turn);
  void conclude_call(StatusLine line);
  // participant_clue.cpp
  void connect_channel(const sdp::DataChannel& remote, const Turn& turn);
  void close_channel(const Turn& turn);
  void prepare_channel(sdp::IpFamily family, bool controlling, const Turn& turn);
  void take_prepared_channel(const Turn& turn);
  void drop_prepared_channel(const Turn& turn);
  void forget_offered_channel(const Turn& turn);
  void lack_channel(const Turn& turn);
  void silence_clue();
  void give_up_clue(const Turn& turn);
  void carry_out(clue::Actions& actions, const Turn& turn);
  void perform(clue::action::Transmit& action, const Turn& turn);
  void perform(const clue::action::BecameActive& action, const Turn& turn);
  void perform(const clue::action::AdvertisementReceived& action, const Turn& turn);
  void perform(const clue::action::AdvertisementRejected& action, const Turn& turn);
  void perform(const clue::action::AdvertisementWithheld& action, const Turn& turn);
  void perform(const clue::action::AdvertisementAcknowledged& action, const Turn& turn);
  void perform(const clue::action::AdvertisementRefused& action, const Turn& turn);
  void perform(clue::action::Configured& action, const Turn& turn);
  void perform(const clue::action::ConfigureRefused& action, const Turn& turn);
  void perform(const clue::action::ConfigureReduced& action, const Turn& turn);
  void perform(const clue::action::ConfigureAnswered& action, const Turn& turn);
  void perform(const clue::action::GuardExpired& action, const Turn& turn);
  void perform(const clue::action::Ignored& action, const Turn& turn);
  void perform(const clue::action::Failed& action, const Turn& turn);
  clue::AdvertisementContent plain_offering() const;
  // participant_refresh.cpp
  void want_streams();
  void proceed(const Turn& turn);
  bool may_offer() const;
  bool is_about_to_be_told(base::TimePoint now) const;
  base::Damping::Pause pauses() const;

  Services& services_;
  ParticipantId id_;
  unsigned number_;
  ParticipantNames names_;
  std::string user_agent_;
  bool supports_100rel_;
  ParticipantLog log_;
  InviteDialog dialog_;
  std::optional<Invitation> invitation_;   ///< of one that we call
  std::vector<DialogId> earlier_dialogs_;  ///< its INVITEs that were followed by another; not over yet
  std::optional<std::string> early_fork_;  ///< whose reliable 1xx had the answer
  /// Fork and SDP of an unreliable 1xx, for a 2xx that leaves it out (RFC 6337 section 3.1.1).
  std::optional<std::pair<std::string, std::string>> preview_;
  Negotiation negotiation_;
  ClueChannel channel_;
  std::optional<clue::ClueParticipant> clue_;
  RefreshView view_;
  ParticipantSignals signals_;
  SessionTimer session_timer_;
  SessionTimerFields asked_timer_;  ///< of the INVITE that is being answered
  bool allows_update_;

  base::TimePoint since_{};
  base::Deadline entered_at_;
  std::string called_host_;
  std::string source_;
  std::optional<Departure> departure_;
  bool joined_ = false;
  bool leaving_ = false;
  bool provides_ = false;  ///< figure 10 runs: we are Media Provider towards it
  bool consumes_ = false;
  bool stalled_ = false;                          ///< a guard expired: convergence does not wait for it
  std::optional<sdp::DataChannel> peer_channel_;  ///< of the offer that is being answered, until connected
  bool channel_removed_ = false;                  ///< the offer that is being answered has none any more
  std::shared_ptr<const clue::Advertisement> peer_advertisement_;
  /// How far our answer to the peer's advertisement is (CP-14: a configure follows each).
  enum class ConfigureDue { none, unanswered, acknowledged };
  ConfigureDue configure_due_ = ConfigureDue::none;
  std::vector<clue::CaptureEncoding> asked_;  ///< by our last configure
  base::Damping asking_;                      ///< of configures that the others' changes of mind cause
  base::Deadline configure_at_;
  base::Damping telling_others_;  ///< of its own changes
  std::size_t shortened_texts_ = 0;
  std::uint64_t advertisements_sent_ = 0;
  std::uint64_t configures_applied_ = 0;
  bool reduced_ = false;  ///< it refuses full advertisements (CP-19)
  Generation converged_ = 0;
  std::vector<clue::CaptureEncoding> selection_;
  bool refused_configure_ = false;        ///< one of its configures was refused
  base::Deadline resource_deadline_;      ///< our candidates and ports have to be there by then
  base::Deadline channel_deadline_;       ///< a reliable 183 waits for the CLUE channel until then
  base::Deadline precondition_deadline_;  ///< ... and until then for the peer's resources
  base::TimePoint progressed_at_;         ///< its 183
  base::Deadline offer_hold_;             ///< the first offer waits for the peer's advertisement until then
};

}  // namespace clued::focus
