#include "channel/channel.hpp"

#include <utility>

#include "channel/dtls_context.hpp"
#include "channel/records.hpp"
#include "channel/tls_id.hpp"

namespace clued::channel {
namespace {

using base::Clock;
using base::TimePoint;
namespace event = focus::event;

/// A ClientHello with its retransmissions, at most.
constexpr std::size_t kHeldDatagrams = 4;

/// What may wait for its turn, one message aside. There is one advertisement at a time, and answers.
constexpr std::size_t kLargestOutbox = std::size_t{1024} * 1024;

/// RFC 7983 section 7: the first octet tells DTLS from what else may come to the port.
bool is_dtls(Bytes datagram) noexcept { return !datagram.empty() && datagram[0] >= 20 && datagram[0] <= 63; }

std::int64_t milliseconds_between(TimePoint from, TimePoint to) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(to - from).count();
}

std::string_view cause_of(SctpFailure failure) noexcept {
  switch (failure) {
    case SctpFailure::sctp:
      return "sctp";
    case SctpFailure::peer_reset:
      return "peer_reset";
    case SctpFailure::peer_shutdown:
      return "peer_shutdown";
    case SctpFailure::peer_abort:
      return "peer_abort";
    case SctpFailure::protocol:
      return "protocol";
  }
  return "sctp";
}

DtlsRole dtls_role(sdp::SetupRole local, sdp::SetupRole remote) noexcept {
  const bool client =
      local == sdp::SetupRole::active || (local == sdp::SetupRole::actpass && remote == sdp::SetupRole::passive);
  return client ? DtlsRole::client : DtlsRole::server;
}

}  // namespace

Channel::Channel(ChannelHost& host, base::ChannelId id, base::SharedSubject subject)
    : host_(host),
      id_(id),
      subject_(std::move(subject)),
      budget_(host.settings.max_messages_per_second, 4 * host.settings.max_messages_per_second),
      opened_at_(Clock::now()) {}

Channel::~Channel() {
  state_ = State::finished;  // what the layers say while they go is not told
  if (sctp_ != nullptr) sctp_->abort();
  if (dtls_ != nullptr) dtls_->close();
}

void Channel::open(sdp::IpFamily family, bool controlling) {
  setup_deadline_ = opened_at_ + host_.settings.connect_timeout;
  ice_ = host_.make_agent(*this);
  if (ice_ == nullptr) return fail("gathering", "no file descriptors are left");
  const auto gathering = ice_->gather(family, controlling);
  if (!gathering) fail("gathering", gathering.error());
  host_.changed(id_);
}

void Channel::ice_gathered() noexcept {
  if (state_ != State::gathering) return;
  auto description = ice_->description();
  if (!description) return fail("gathering", description.error());
  state_ = State::gathered;
  gathered_at_ = Clock::now();
  setup_deadline_.reset();
  sdp::DataChannel local;
  local.address = std::move(description->address);
  local.family = local.address.find(':') == std::string::npos ? sdp::IpFamily::v4 : sdp::IpFamily::v6;
  local.port = description->port;
  local.ice_ufrag = std::move(description->ufrag);
  local.ice_pwd = std::move(description->password);
  local.candidates = std::move(description->candidates);
  local.end_of_candidates = true;
  local.ice_lite = description->lite;
  local.fingerprints = {host_.dtls.certificate().fingerprint()};
  local.tls_id = make_tls_id();
  local.max_message_size = host_.settings.max_inbound_message;
  host_.post(event::ChannelGathered{id_, std::move(local)});
  host_.changed(id_);
}

void Channel::connect(const sdp::DataChannel& local, const sdp::DataChannel& remote) {
  if (state_ != State::gathered) return ignore("connect");
  state_ = State::checking;
  connect_at_ = Clock::now();
  setup_deadline_ = connect_at_ + host_.settings.connect_timeout;
  role_ = dtls_role(local.setup, remote.setup);
  fingerprints_ = remote.fingerprints;
  sctp_parameters_.local_port = local.sctp_port;
  sctp_parameters_.remote_port = remote.sctp_port;
  sctp_parameters_.stream_id = local.stream_id;
  sctp_parameters_.max_inbound_message = host_.settings.max_inbound_message;
  sctp_parameters_.max_outbound_message = static_cast<std::size_t>(remote.max_message_size);
  RemoteCandidates candidates = remote_candidates(remote);
  if (candidates.ignored > 0) {
    log(record::channel_candidates_ignored, {{"ignored", candidates.ignored}, {"used", candidates.usable.size()}});
  }
  const auto checking =
      ice_->connect({remote.ice_ufrag, remote.ice_pwd, std::move(candidates.usable), remote.ice_lite});
  if (!checking) fail("ice", checking.error());
  host_.changed(id_);
}

void Channel::ice_connected() noexcept {
  if (state_ != State::checking) return;
  ice_at_ = Clock::now();
  start_dtls();
  host_.changed(id_);
}

void Channel::start_dtls() {
  state_ = State::handshaking;
  const DtlsTimers timers{host_.settings.dtls_first_retransmission, host_.settings.dtls_longest_retransmission};
  dtls_ = std::make_unique<DtlsSession>(host_.dtls, role_, std::exchange(fingerprints_, {}), timers,
                                        static_cast<DtlsSession::Listener&>(*this));
  dtls_->start();
  for (const std::string& datagram : std::exchange(held_, {})) dtls_->receive(bytes_of(datagram));
}

void Channel::ice_suspected() noexcept {
  if (state_ == State::failed || state_ == State::closing || state_ == State::finished) return;
  const bool connected = dtls_ != nullptr;
  const auto grace = connected ? host_.settings.consent_grace : host_.settings.check_grace;
  consent_deadline_ = Clock::now() + grace;
  if (connected) log(record::channel_consent_suspected, {});
  host_.changed(id_);
}

void Channel::ice_recovered() noexcept {
  if (consent_deadline_ && dtls_ != nullptr) log(record::channel_consent_regained, {});
  consent_deadline_.reset();
  host_.changed(id_);
}

void Channel::ice_received(Bytes datagram) noexcept {
  if (!is_dtls(datagram) || state_ == State::finished) return;
  if (dtls_ != nullptr) {
    dtls_->receive(datagram);
  } else if (held_.size() < kHeldDatagrams) {
    held_.emplace_back(text_of(datagram));
  }
  host_.changed(id_);
}

void Channel::dtls_output(Bytes datagram) noexcept { ice_->send(datagram); }

void Channel::dtls_connected() noexcept {
  if (state_ != State::handshaking) return;
  state_ = State::associating;
  dtls_at_ = Clock::now();
  host_.sctp->advance(dtls_at_);
  sctp_ =
      std::make_unique<SctpAssociation>(host_.sctp, sctp_parameters_, static_cast<SctpAssociation::Listener&>(*this));
  const auto connecting = sctp_->connect();
  if (!connecting) fail("sctp", connecting.error());
}

void Channel::dtls_received(Bytes record) noexcept {
  if (sctp_ == nullptr) return;
  host_.sctp->advance(Clock::now());
  sctp_->receive(record);
}

void Channel::dtls_failed(DtlsFailure failure, const std::string& detail) noexcept {
  if (state_ == State::closing) return finish("abort");
  fail(failure == DtlsFailure::fingerprint ? "fingerprint" : "dtls", detail);
}

void Channel::sctp_output(Bytes packet) noexcept {
  // A datagram that DTLS or ICE cannot send now is lost, as on any network.
  if (dtls_ != nullptr) dtls_->send(packet);
}

void Channel::sctp_established() noexcept {
  if (state_ != State::associating) return;
  state_ = State::established;
  was_established_ = true;
  sctp_at_ = Clock::now();
  setup_deadline_.reset();
  log_established();
  host_.post(event::ChannelEstablished{
      id_, role_ == DtlsRole::client ? event::ChannelEnd::client : event::ChannelEnd::server});
}

// DC-23: asked before anything is queued, so that a peer that floods costs nothing behind this point.
void Channel::sctp_received(std::string message) noexcept {
  if (state_ != State::established) return;
  ++messages_received_;
  octets_received_ += message.size();
  if (!budget_.take(Clock::now())) return flood();
  trace("received", message);
  host_.post(event::ChannelMessageReceived{id_, std::move(message)});
}

void Channel::flood() {
  log(record::channel_flooded,
      {{"messages", messages_received_},
       {"octets", octets_received_},
       {"seconds", std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - sctp_at_).count()}});
  fail("flood", "more messages than " + std::to_string(static_cast<unsigned>(host_.settings.max_messages_per_second)) +
                    " a second");
}

void Channel::sctp_failed(SctpFailure failure, const std::string& detail) noexcept { fail(cause_of(failure), detail); }

void Channel::sctp_closed(bool gracefully) noexcept {
  if (state_ == State::closing) finish(gracefully ? "shutdown" : "abort");
}

void Channel::send(std::string message) {
  if (state_ != State::established) return refuse("not established", message.size());
  if (message.empty()) return refuse("empty", 0);
  if (message.size() > sctp_parameters_.largest_outbound()) {
    return refuse("larger than the peer's max-message-size", message.size());
  }
  if (!outbox_.empty() && outbox_octets_ + message.size() > kLargestOutbox) {
    return fail("sctp", "the peer does not take messages: too much is waiting");
  }
  outbox_octets_ += message.size();
  outbox_.push_back(std::move(message));
  if (outbox_.size() == 1) host_.has_to_send(id_);
}

void Channel::send_next() {
  if (outbox_.empty()) return;
  std::string message = std::move(outbox_.front());
  outbox_.pop_front();
  outbox_octets_ -= message.size();
  pass(std::move(message));
  if (!outbox_.empty()) host_.has_to_send(id_);
}

void Channel::pass(std::string message) {
  const std::size_t size = message.size();
  if (state_ != State::established) return refuse("not established any more", size);
  const TimePoint now = Clock::now();
  host_.sctp->advance(now);
  const DtlsSession::Burst burst(*dtls_);
  trace("sent", message);
  switch (sctp_->send(std::move(message))) {
    case SctpAssociation::Sent::sent:
    case SctpAssociation::Sent::queued:
      break;
    case SctpAssociation::Sent::too_large:
      refuse("larger than the peer's max-message-size", size);
      break;
    case SctpAssociation::Sent::not_up:
      refuse("the association is going down", size);
      break;
    case SctpAssociation::Sent::overflow:
      refuse("too much is waiting", size);
      break;
  }
  host_.changed(id_);
}

void Channel::close() {
  if (state_ == State::closing || state_ == State::finished) return;
  consent_deadline_.reset();
  setup_deadline_.reset();
  if (ice_ != nullptr) ice_->closing();
  if (!was_established_) return finish("incomplete");
  if (dtls_ == nullptr || !dtls_->is_connected()) return finish("abort");
  // What was said last is still to be heard.
  if (state_ == State::established) {
    for (std::string& message : std::exchange(outbox_, {})) pass(std::move(message));
  }
  state_ = State::closing;
  const TimePoint now = Clock::now();
  shutdown_deadline_ = now + host_.settings.shutdown_timeout;
  host_.sctp->advance(now);
  sctp_->shutdown();
  host_.changed(id_);
}

base::Deadline Channel::next_deadline(TimePoint now) const {
  base::Deadline deadline = base::earlier(setup_deadline_, base::earlier(consent_deadline_, shutdown_deadline_));
  if (state_ == State::handshaking) deadline = base::earlier(deadline, dtls_->next_deadline(now));
  if (ice_ != nullptr) deadline = base::earlier(deadline, ice_->next_deadline());
  return deadline;
}

void Channel::handle_timeout(TimePoint now) {
  const auto take_due = [now](base::Deadline& deadline) {
    const bool due = deadline && *deadline <= now;
    if (due) deadline.reset();
    return due;
  };
  if (take_due(shutdown_deadline_)) return finish("abort");
  if (take_due(consent_deadline_)) fail("ice", dtls_ != nullptr ? "consent was lost" : "all checks failed");
  if (take_due(setup_deadline_)) {
    constexpr const char* kTooLate = "not done within the time that the configuration allows";
    if (state_ == State::gathering) fail("gathering", kTooLate);
    if (state_ == State::checking) fail("ice", kTooLate);
    if (state_ == State::handshaking) fail("dtls", kTooLate);
    if (state_ == State::associating) fail("sctp", kTooLate);
  }
  if (state_ == State::handshaking) dtls_->handle_timeout();
  if (ice_ != nullptr) ice_->handle_timeout(now);
  host_.changed(id_);
}

void Channel::count(Census& census) const noexcept {
  census.channels += 1;
  census.agents += ice_ != nullptr ? 1 : 0;
  census.dtls_sessions += dtls_ != nullptr ? 1 : 0;
  census.sctp_associations += sctp_ != nullptr && !sctp_->is_gone() ? 1 : 0;
}

void Channel::log(const base::RecordKind& kind, std::initializer_list<base::Field> fields) const {
  base::Record record{&kind, {{"channel", id_}}};
  record.fields.insert(record.fields.end(), fields.begin(), fields.end());
  host_.log(subject_, std::move(record));
}

void Channel::trace(std::string_view direction, const std::string& message) const {
  if (!host_.log.wants(record::clue_message.severity)) return;
  log(record::clue_message, {{"direction", direction}, {"message", message}});
}

void Channel::log_established() const {
  const TimePoint now = Clock::now();
  log(record::channel_established, {{"end", role_ == DtlsRole::client ? "client" : "server"},
                                    {"pair", ice_->selected_pair()},
                                    {"gather_ms", milliseconds_between(opened_at_, gathered_at_)},
                                    {"ice_ms", milliseconds_between(connect_at_, ice_at_)},
                                    {"dtls_ms", milliseconds_between(ice_at_, dtls_at_)},
                                    {"sctp_ms", milliseconds_between(dtls_at_, now)}});
}

void Channel::refuse(std::string_view reason, std::size_t size) const {
  log(record::channel_message_refused, {{"octets", size}, {"reason", reason}});
}

void Channel::ignore(std::string_view command) const { log(record::channel_command_ignored, {{"command", command}}); }

void Channel::fail(std::string_view cause, const std::string& detail) {
  if (state_ == State::failed || state_ == State::closing || state_ == State::finished) return;
  state_ = State::failed;
  setup_deadline_.reset();
  consent_deadline_.reset();
  host_.post(event::ChannelFailed{id_, std::string(cause), detail});
  host_.changed(id_);
}

void Channel::finish(std::string_view how) {
  if (state_ == State::finished) return;
  state_ = State::finished;
  how_ = how;
  setup_deadline_.reset();
  consent_deadline_.reset();
  shutdown_deadline_.reset();
  if (sctp_ != nullptr) sctp_->abort();
  if (dtls_ != nullptr) dtls_->close();
  host_.finished(id_);
}

}  // namespace clued::channel
