// The inside of sip::Agent. Private to server/sip; split over endpoint*.cpp by what the functions are about.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "sip/addresses.hpp"
#include "sip/agent.hpp"
#include "sip/call_record.hpp"
#include "sip/connection_guard.hpp"
#include "sip/dialog.hpp"
#include "sip/digest.hpp"
#include "sip/heap_trimmer.hpp"
#include "sip/library.hpp"
#include "sip/loop.hpp"
#include "sip/message_class.hpp"
#include "sip/next_hop.hpp"
#include "sip/outgoing_call.hpp"
#include "sip/pacer.hpp"
#include "sip/request_checks.hpp"
#include "sip/resolver.hpp"
#include "sip/source_buckets.hpp"
#include "sip/stream_gate.hpp"
#include "sip/timers.hpp"
#include "sip/tls_edge.hpp"
#include "sip/transactions.hpp"
#include "sip/trusted_peers.hpp"

namespace clued::sip {

/// The library's name for the socket that TLS connections are relayed to.
inline constexpr const char* relay_ident = "tls";
/// Why a request failed that needs TLS: nowhere is it listened on, or there are too many connections.
inline constexpr const char* no_tls = "no TLS connection can be opened";
/// Why one failed that needs a new TCP connection.
inline constexpr const char* no_descriptors = "no file descriptors are left";
/// With the listener's number after it, the name of its sockets in the library.
inline constexpr std::string_view listener_prefix = "listener";

/// A way out for a request: the peer's connection, or an address in numbers.
struct Exit {
  tport_t* connection = nullptr;
  const char* listener = nullptr;  ///< the name of the socket of ours that it leaves from
  std::string uri{};               ///< of the next hop, unless by the connection
  std::uint16_t relay = 0;         ///< of the TLS connection that `uri` leads to
  Source to{};                     ///< whom it leads to
  const char* problem = nullptr;   ///< why there is none

  const url_string_t* url() const { return uri.empty() ? nullptr : reinterpret_cast<const url_string_t*>(uri.c_str()); }
};

class Endpoint {
 public:
  Endpoint(boost::asio::io_context& io, Settings settings, std::function<void(focus::Event)> post, base::RecordSink log,
           base::DescriptorBudget descriptors);
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;
  ~Endpoint();

  base::expected<void, std::string> start();
  base::expected<void, std::string> reload(const Settings& settings);
  void hold_input(bool hold) { loop_.hold(hold); }
  Census census() const;
  std::vector<std::string> bound() const;

  // The core's commands (endpoint_commands.cpp).
  void execute(const focus::command::Respond& command);
  void execute(const focus::command::AcceptRefer& command);
  void execute(const focus::command::NotifyRefer& command);
  void execute(const focus::command::AcceptSubscribe& command);
  void execute(const focus::command::NotifyConference& command);
  void execute(const focus::command::ForgetSubscription& command);
  void execute(const focus::command::SendInvite& command);
  void execute(const focus::command::WithdrawInvite& command);
  void execute(const focus::command::SendCancel& command);
  void execute(const focus::command::SendReinvite& command);
  void execute(const focus::command::SendUpdate& command);
  void execute(const focus::command::SendBye& command);

  // The library's callbacks (endpoint_requests.cpp, endpoint_clients.cpp).
  void receive(Dialog& dialog, IncomingHandle irq, const sip_t& sip);
  void receive_ack_or_cancel(ServerRequest& request, const sip_t* sip);
  int receive_prack(ServerRequest& request, nta_reliable_t* response, nta_incoming_t* irq, const sip_t* sip);
  void receive_response(ClientRequest& request, const sip_t* sip);
  void receive_stray_answer(const sip_t& sip);

 private:
  /// One received request with what several handlers want to know of it.
  struct Received {
    IncomingHandle irq;
    const sip_t& sip;
    Flow flow;
    focus::ProvenIdentities authenticated;  ///< who its sender itself proved to be
    std::string conference{};               ///< whose dialog it came in, or ""
    bool is_proven = true;                  ///< false: nobody was asked, and it may be anybody's
  };

  // starting (endpoint.cpp)
  base::expected<void, std::string> bind(const Listener& listener);
  bool bind(const Listener& listener, std::uint16_t port, const char* transport, const std::string& ident);
  std::uint16_t newest_port() const;
  std::uint64_t refused_by_library() const;
  base::expected<void, std::string> start_guard();
  void check_receive_buffer() const;
  base::expected<void, std::string> start_tls();

  // receiving (endpoint_requests.cpp)
  void take(const std::shared_ptr<Dialog>& dialog, Received request);
  void receive_outside(Received request);
  void receive_inside(const std::shared_ptr<Dialog>& dialog, Received request);
  void receive_invite(Received request);
  void receive_reinvite(InviteUsage& usage, Received request);
  void receive_bye(const std::shared_ptr<Dialog>& dialog, Received request);
  void receive_refer(const std::shared_ptr<Dialog>& dialog, Received request);
  void receive_options(const std::shared_ptr<Dialog>& dialog, Received request);
  void refuse(Received request, const Refusal& refusal);
  std::optional<base::DialogId> target_dialog(const sip_t& sip) const;
  std::optional<focus::Replaces> replaces_of(const sip_t& sip) const;

  // who somebody is (endpoint_admission.cpp)
  bool may_send(const su_sockaddr_t& source);  ///< false: more than it may
  Source source_of(const su_sockaddr_t& address) const;
  bool trusts(const Source& source) const;
  /// What a dialog or a subscription is wanted for: removing somebody, or ending a conference, is what makes room
  /// again.
  enum class Use { any, removal };
  std::size_t dialogs_allowed(Use use) const;
  bool has_too_many_dialogs(const std::string& account, Use use) const;
  /// For a subscription: in this dialog, or with one of its own.
  bool has_room_for_usage(const Dialog* dialog, Use use) const;
  bool may_begin_call() const;  ///< there are file descriptors for it
  bool may_connect() const;     ///< there is one for a connection of ours
  /// False: it was answered, with a challenge or because its sender is another user than the dialog's.
  bool admit(Dialog& dialog, Received& request);
  bool admit_outside(Received& request);
  bool admit_inside(Dialog& dialog, Received& request);
  bool refuse_another_user(Received& request);
  const AuthUser* ask_password(const Received& request);  ///< null: it was challenged
  DigestAuthenticator::Result authenticate(const Received& request);
  std::optional<DialogUser> user_beginning(const Received& request, const focus::ProvenIdentities& proven) const;
  /// All names of the sender that somebody vouches for: itself, or a peer whom we believe.
  focus::ProvenIdentities proven_identities(const Received& request) const;
  /// `conference`: of the dialog, for the log.
  focus::ProvenIdentities asserted_identities(const sip_t& sip, const Source& source,
                                              const std::string& conference) const;

  // subscriptions (endpoint_subscriptions.cpp)
  void receive_subscribe(const std::shared_ptr<Dialog>& dialog, Received request);
  void refresh_refer(const std::shared_ptr<Dialog>& dialog, Received request);
  void subscribe_to_conference(const std::shared_ptr<Dialog>& dialog, Received request);
  /// Sends it, or once the one under way is answered, unless there is something newer then.
  void notify(EventSubscription& subscription, EventSubscription::Notification notification);
  void drop_subscription(base::SubscriptionId id);
  void expire_after(EventSubscription& subscription, std::chrono::seconds granted);
  void end_refer_subscription(EventSubscription& subscription);
  EventSubscription* subscription(base::SubscriptionId id);

  // dialogs (endpoint_dialogs.cpp)
  std::shared_ptr<Dialog> make_dialog(nta_incoming_t* irq, const sip_t& sip, Flow flow, Beginner beginner);
  bool make_leg(Dialog& dialog, std::uint32_t local_cseq);
  void forget_refused(Dialog& dialog);
  ServerRequest& keep(IncomingHandle irq);
  static void take_conference(ServerRequest& request, const std::optional<focus::FocusContact>& contact);
  void refresh_target(ServerRequest& request);
  void take_target(Dialog& dialog, const sip_t& message);
  void end_usage(base::DialogId id, int status);
  void close_open_requests(InviteUsage& usage);
  InviteUsage* usage(base::DialogId id);
  ServerRequest* request(base::RequestId id);

  // sending (endpoint_clients.cpp)
  /// False: it cannot be built. Then the peer gets 500. A Contact is told apart, as the library passes over mistakes in
  /// other headers.
  bool reply(nta_incoming_t* irq, int status, const std::string& phrase, const std::string& headers,
             const std::string& contact = {});
  void reply_unbuilt(nta_incoming_t* irq, int status);
  void fail_response(ServerRequest& request, int status);
  void log_unbuilt(const Dialog& dialog, const char* method) const;
  bool send_response(ServerRequest& request, const focus::command::Respond& command);
  void finish_response(ServerRequest& request, int status);
  void send(const std::shared_ptr<Dialog>& dialog, Outgoing request, std::function<void(const Answered&)> on_final);
  std::string ims_headers_of(const ServerRequest& request, const focus::command::Respond& command) const;
  void transmit(ClientRequest& request);
  void transmit(ClientRequest& request, const Exit& exit);
  void acknowledge(ClientRequest& request);
  void acknowledge(const std::shared_ptr<Dialog>& dialog, std::uint32_t cseq, std::string branch);
  void finish(ClientRequest& request, const Answered& answered);
  void withdraw_reinvite(std::uint64_t client);
  void give_up_reinvites(const Dialog& dialog);
  Timers::Ticket give_up_after_t1x64(std::uint64_t client);

  // where it goes (endpoint_routes.cpp)
  /// Calls `then` at once, or when the name of the next hop has been looked up; never when the endpoint ends before.
  void find_exit(const std::shared_ptr<Dialog>& dialog, bool goes_back, std::function<void(const Exit&)> then);
  void look_up_exit(const std::shared_ptr<Dialog>& dialog, NextHop hop, std::function<void(const Exit&)> then);
  Exit exit_to(const Dialog& dialog, Source to) const;
  Exit exit_from(const tport_t* listener, Source to) const;
  void send_large_datagrams(bool whatever_their_size) const;
  bool forget_lost_connection(Dialog& dialog) const;  ///< true if there was one
  bool trusts(const Dialog& dialog, const Exit& exit) const;
  void log_lookup(const std::string& conference, const std::string& call_id, const std::string& host,
                  const Lookup& found) const;
  Flow flow_of(nta_incoming_t* irq) const;
  const Listener* listener_of(const tport_t* primary) const;
  bool is_relayed(const tport_t* primary) const;
  const tport_t* listener_towards(const Source& hop, const tport_t* preferred = nullptr) const;
  bool can_reach(const Source& hop) const;
  bool is_ours(const Source& hop) const;
  std::string local_towards(const Source& hop) const;
  std::string local_text(const tport_t* primary, const su_sockaddr_t& peer) const;
  std::string local_tls_text(const std::string& sent_by) const;
  std::string contact_text(const OwnEnd& local, const focus::FocusContact& contact) const;
  std::string contact_text(const Dialog& dialog, const focus::FocusContact& contact) const;
  std::string focus_identity(const Dialog& dialog, const std::string& user) const;
  /// The only place where requests are given to the library: with a Request-URI and Route of ours, and a next hop in
  /// numbers.
  template <class... Tags>
  nta_outgoing_t* create_request(const Dialog& dialog, const Exit& exit, nta_response_f* answered,
                                 ClientRequest* client, sip_method_t method, const char* name, Tags... tags) const {
    const RouteSet::Path path = dialog.routes.path();
    // RFC 3261 section 18.1.1: what is large goes by a TCP connection, or as a datagram if none can be had.
    const bool may_not_connect = exit.to.transport == "udp" && !may_connect();
    if (may_not_connect) send_large_datagrams(true);
    nta_outgoing_t* made =
        nta_outgoing_tcreate(dialog.leg.get(), answered, client, exit.url(), method, name,
                             reinterpret_cast<const url_string_t*>(path.request_uri.c_str()),
                             TAG_IF(exit.connection != nullptr, NTATAG_TPORT(exit.connection)),
                             TAG_IF(exit.listener != nullptr, TPTAG_IDENT(exit.listener)),
                             TAG_IF(!path.route.empty(), SIPTAG_ROUTE_STR(path.route.c_str())), tags...);
    if (may_not_connect) send_large_datagrams(false);
    return made;
  }
  void log_failure(Dialog& dialog, const char* method, int status, std::uint16_t relay) const;
  void log_failure(Dialog& dialog, const char* method, int status, const std::string& why) const;

  // answers after the final response (endpoint_late_answers.cpp)
  void await_late_answers(const ClientRequest& client, std::string fork);
  bool has_room_for_forks() const;

  // calling (endpoint_calling.cpp, endpoint_call_answers.cpp)
  void reach_callee(const focus::command::SendInvite& command, const Source& hop, const Lookup& found);
  void place_call(const focus::command::SendInvite& command, const Source& hop);
  RouteUri proxy_route(bool secure) const;
  void refuse_call(const focus::command::SendInvite& command, focus::event::InviteAnswered answered);
  const char* transmit_call(ClientRequest& request);
  std::optional<std::string> begin_call(OutgoingCall& call, const focus::command::SendInvite& command);
  void receive_call_response(ClientRequest& request, const sip_t* sip);
  void receive_progress(ClientRequest& request, OutgoingCall& call, const sip_t& sip);
  void receive_answer(ClientRequest& request, OutgoingCall& call, const sip_t& sip);
  void acknowledge_progress(OutgoingCall& call, OutgoingCall::Fork& fork, const sip_t& sip);
  void offer_early(const focus::command::SendReinvite& command);
  OutgoingCall::Fork& fork_of(ClientRequest& request, OutgoingCall& call, const sip_t& sip);
  std::shared_ptr<Dialog> make_fork(const LateAnswers& of, const sip_t& sip);
  void fail_call(base::DialogId id, focus::event::InviteAnswered answered);
  void give_up_cancelled(base::DialogId id);
  bool is_our_own(const std::string& call_id) const;
  Outgoing offer_of(const Dialog& dialog, const focus::command::SendReinvite& command) const;
  void offer_answered(base::DialogId id, const Answered& answered);
  void ignored(std::string_view command, std::string_view why) const;

  // Order of destruction, last to first: usages and transactions give their handles back to the library's agent,
  // which needs its root (loop_), which needs the library.
  Settings settings_;
  std::function<void(focus::Event)> post_;
  base::RecordSink log_;
  base::DescriptorBudget descriptors_;
  TrustedPeers trusted_;
  std::optional<DigestAuthenticator> digest_;  ///< from the start on; auth.require says whether anybody is asked
  SourceBuckets buckets_;
  Admission admission_ = [this](const su_sockaddr_t& source) { return may_send(source); };
  std::shared_ptr<Library> library_;
  Loop loop_;
  std::unique_ptr<StreamGate> gate_;
  std::size_t live_dialogs_ = 0;
  DialogShares dialog_shares_;
  AgentHandle agent_;
  std::shared_ptr<Dialog> outside_;         ///< the context of the library's default leg: requests outside of dialogs
  std::unique_ptr<TlsEdge> tls_;            ///< null without TLS listeners
  std::unique_ptr<ConnectionGuard> guard_;  ///< null without TCP listeners
  HeapTrimmer heap_;
  Pacer pacer_;
  Timers timers_;
  Resolver resolver_;
  std::unordered_map<base::RequestId, std::unique_ptr<ServerRequest>> requests_;
  std::unordered_map<std::uint64_t, std::unique_ptr<ClientRequest>> clients_;
  std::unordered_map<base::DialogId, OutgoingCall> calls_;
  std::unordered_map<std::string, LateAnswers> late_answers_;  ///< by Call-ID
  std::unordered_map<base::DialogId, InviteUsage> usages_;
  std::unordered_map<std::string, base::DialogId> usages_by_key_;
  std::unordered_map<base::SubscriptionId, EventSubscription> subscriptions_;
  base::IdSequence<base::RequestId> request_ids_;
  base::IdSequence<base::DialogId> dialog_ids_;
  base::IdSequence<base::SubscriptionId> subscription_ids_;
  std::uint64_t last_client_ = 0;
  unsigned last_listener_ = 0;
};

/// RFC 3326, as a whole header line.
std::string reason_header(const focus::Reason& reason);

/// A tag that nobody guesses (RFC 3261 section 19.3 asks for at least 32 random bits): who knows the tags of a dialog
/// can end it.
std::string random_tag();

/// The key under which a dialog is found by a Target-Dialog. Tags are tokens, compared without case (RFC 3261
/// section 7.3.1).
std::string dialog_key(std::string_view call_id, std::string_view local_tag, std::string_view remote_tag);

// The functions that the library calls.
extern "C" {
int clued_sip_on_request(Dialog* dialog, nta_leg_t* leg, nta_incoming_t* irq, sip_t const* sip) noexcept;
int clued_sip_on_ack_or_cancel(ServerRequest* request, nta_incoming_t* irq, sip_t const* sip) noexcept;
int clued_sip_on_prack(ServerRequest* request, nta_reliable_t* response, nta_incoming_t* prack,
                       sip_t const* sip) noexcept;
int clued_sip_on_stray(Endpoint* endpoint, nta_agent_t* agent, msg_t* message, sip_t* sip) noexcept;
int clued_sip_on_response(ClientRequest* request, nta_outgoing_t* orq, sip_t const* sip) noexcept;
}

}  // namespace clued::sip
