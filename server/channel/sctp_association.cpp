#include "channel/sctp_association.hpp"

#include <arpa/inet.h>
#include <usrsctp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "channel/sctp_options.hpp"
#include "channel/sctp_packet.hpp"

namespace clued::channel {
namespace {

// RFC 8831 section 8 and RFC 8832.
constexpr std::uint32_t kDcep = 50;
constexpr std::uint32_t kString = 51;
constexpr std::uint32_t kStringEmpty = 56;
constexpr std::uint8_t kDcepAck = 0x02;
constexpr std::uint8_t kDcepOpen = 0x03;

constexpr std::size_t kUnsentLimit = 1024 * 1024;

// RFC 9260 section 3.2.
constexpr std::uint8_t kInit = 1;
constexpr std::uint8_t kCookieEcho = 10;

/// Each moves the smoothed round trip by an eighth: so many leave little of a first one that was far too long.
constexpr int kMeasurements = 16;

sockaddr_conn address_of(std::uintptr_t id, std::uint16_t port) noexcept {
  sockaddr_conn address{};
  address.sconn_family = AF_CONN;
  address.sconn_port = htons(port);
  address.sconn_addr = reinterpret_cast<void*>(id);
  return address;
}

std::string last_error(const char* what) { return std::string(what) + ": " + std::generic_category().message(errno); }

/// The fixed part of a notification, if there is that much of it.
template <class T>
bool read_notification(std::span<const std::uint8_t> from, T& into) noexcept {
  if (from.size() < sizeof into) return false;
  std::memcpy(&into, from.data(), sizeof into);
  return true;
}

}  // namespace

SctpAssociation::SctpAssociation(std::shared_ptr<SctpStack> stack, SctpParameters parameters, Listener& listener)
    : stack_(std::move(stack)), parameters_(parameters), listener_(listener) {}

SctpAssociation::~SctpAssociation() { abort(); }

base::expected<void, std::string> SctpAssociation::connect() {
  slot_ = stack_->enter(*this);
  if (slot_.id == 0) return base::unexpected(std::string("no SCTP port is free"));
  socket_ = usrsctp_socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP, nullptr, nullptr, 0, nullptr);
  if (socket_ == nullptr) return base::unexpected(last_error("no SCTP socket"));
  usrsctp_set_upcall(socket_, &SctpStack::upcall, reinterpret_cast<void*>(slot_.id));
  if (!set_sctp_options(socket_, parameters_)) return base::unexpected(last_error("an SCTP option is refused"));
  auto local = address_of(slot_.id, slot_.port);
  if (usrsctp_bind(socket_, reinterpret_cast<sockaddr*>(&local), sizeof local) != 0) {
    return base::unexpected(last_error("SCTP bind"));
  }
  state_ = State::connecting;
  auto remote = address_of(slot_.id, parameters_.remote_port);
  if (usrsctp_connect(socket_, reinterpret_cast<sockaddr*>(&remote), sizeof remote) != 0 && errno != EINPROGRESS) {
    return base::unexpected(last_error("SCTP connect"));
  }
  return {};
}

void SctpAssociation::output(std::span<std::uint8_t> packet) noexcept {
  if (packet.size() < kSctpHeaderSize) return;
  stack_->note_activity();
  if (state_ == State::connecting) note_attempt(packet);
  set_ports(packet, {parameters_.local_port, sctp_ports(packet).destination});
  stamp_checksum(packet);
  listener_.sctp_output(packet);
}

// Two INITs or two COOKIE ECHOs: one of them, or its answer, got lost.
void SctpAssociation::note_attempt(Bytes packet) noexcept {
  if (packet.size() <= kSctpHeaderSize) return;
  const std::uint8_t chunk = packet[kSctpHeaderSize];
  if (chunk == kInit) set_up_was_slow_ = std::exchange(init_sent_, true) || set_up_was_slow_;
  if (chunk == kCookieEcho) set_up_was_slow_ = std::exchange(cookie_sent_, true) || set_up_was_slow_;
}

// usrsctp takes the time from the first INIT for a round trip, also when packets got lost and were repeated, against
// Karn's rule (RFC 9260 section 6.3.1, C5). RTO.Max does not bound what it makes of that: nothing that is younger than
// three times as much is sent again. Heartbeats (section 8.3) measure anew.
void SctpAssociation::measure_path() noexcept {
  sctp_paddrparams path{};
  const auto peer = address_of(slot_.id, parameters_.remote_port);
  std::memcpy(&path.spp_address, &peer, sizeof peer);
  path.spp_flags = SPP_HB_DEMAND;
  for (int i = 0; i < kMeasurements; ++i) {
    usrsctp_setsockopt(socket_, IPPROTO_SCTP, SCTP_PEER_ADDR_PARAMS, &path, static_cast<socklen_t>(sizeof path));
  }
}

void SctpAssociation::receive(Bytes packet) {
  if (socket_ == nullptr || !has_valid_checksum(packet)) return;
  const SctpPorts ports = sctp_ports(packet);
  if (ports.destination != parameters_.local_port || ports.source != parameters_.remote_port) return;
  const SctpChunks chunks = scan_chunks(packet);
  if (chunks.malformed) return;
  stack_->note_activity();
  if (chunks.forward_tsn) {
    fail(SctpFailure::protocol, "the peer used partial reliability, which RFC 8850 section 3.2.4 forbids");
    return;
  }
  peer_aborted_ = peer_aborted_ || chunks.abort;
  std::vector<std::uint8_t> translated(packet.begin(), packet.end());
  set_ports(translated, {ports.source, slot_.port});
  usrsctp_conninput(reinterpret_cast<void*>(slot_.id), translated.data(), translated.size(), 0);
  drain();
}

SctpAssociation::Sent SctpAssociation::send(std::string message) {
  if (state_ != State::up || failed_) return Sent::not_up;
  if (message.size() > parameters_.largest_outbound()) return Sent::too_large;
  if (unsent_.empty()) {
    const Sent sent = pass(message, kString);
    if (sent != Sent::queued) {
      drain();
      return sent;
    }
  }
  if (unsent_octets_ + message.size() > kUnsentLimit && !unsent_.empty()) {
    fail(SctpFailure::sctp, "the peer does not take messages: more than 1 MiB is waiting");
    return Sent::overflow;
  }
  unsent_octets_ += message.size();
  unsent_.push_back(std::move(message));
  return Sent::queued;
}

void SctpAssociation::shutdown() {
  if (closing_) return;
  closing_ = true;
  unsent_.clear();
  switch (state_) {
    case State::up:
      state_ = State::resetting;
      if (reset_ == Reset::none) reset_stream();
      if (reset_ == Reset::answered) start_shutdown();
      break;
    case State::resetting:
    case State::shutting_down:  // the peer's SHUTDOWN was first
      break;
    case State::idle:
    case State::connecting:
    case State::gone:
      abort();
      listener_.sctp_closed(shut_down_);
      return;
  }
  drain();
}

void SctpAssociation::abort() noexcept {
  free_socket();
  state_ = State::gone;
}

void SctpAssociation::free_socket() noexcept {
  if (socket_ != nullptr) {
    usrsctp_set_upcall(socket_, nullptr, nullptr);
    usrsctp_close(std::exchange(socket_, nullptr));
  }
  stack_->leave(std::exchange(slot_, {}));
}

void SctpAssociation::drain() {
  while (socket_ != nullptr && stack_->may_read(slot_) && read_one()) {
  }
  flush();
}

bool SctpAssociation::read_one() {
  const std::span<std::uint8_t> buffer = stack_->read_buffer();
  sctp_rcvinfo info{};
  socklen_t info_length = sizeof info;
  unsigned int info_type = 0;
  int flags = 0;
  const ssize_t length =
      usrsctp_recvv(socket_, buffer.data(), buffer.size(), nullptr, nullptr, &info, &info_length, &info_type, &flags);
  if (length <= 0) return false;
  const auto part = buffer.first(static_cast<std::size_t>(length));
  if ((flags & MSG_NOTIFICATION) != 0) {
    // Ours fit into the buffer; the rest of a larger one has no header and is not taken for one.
    if ((flags & MSG_EOR) != 0) notified(part);
    return true;
  }
  if (info_type != SCTP_RECVV_RCVINFO) return true;
  received(part, info.rcv_sid, ntohl(info.rcv_ppid), (info.rcv_flags & SCTP_UNORDERED) != 0, (flags & MSG_EOR) != 0);
  return true;
}

void SctpAssociation::received(Bytes part, std::uint16_t stream, std::uint32_t protocol, bool unordered,
                               bool complete) {
  if (failed_ || closing_ || state_ != State::up) return;
  // The other streams of the association belong to channels that were never negotiated (DC-14).
  if (stream != parameters_.stream_id) return;
  if (unordered) return fail(SctpFailure::protocol, "a message of the CLUE channel is unordered");
  if (protocol != kString && protocol != kStringEmpty && protocol != kDcep) {
    return fail(SctpFailure::protocol, "a message has payload protocol " + std::to_string(protocol) + ", not 51");
  }
  if (part.size() > parameters_.max_inbound_message - std::min(partial_.size(), parameters_.max_inbound_message)) {
    return fail(SctpFailure::protocol,
                "a message is larger than " + std::to_string(parameters_.max_inbound_message) + " octets");
  }
  partial_.append(text_of(part));
  if (complete) complete_message(protocol);
}

void SctpAssociation::complete_message(std::uint32_t protocol) {
  std::string message = std::exchange(partial_, {});
  if (protocol == kDcep) {
    // RFC 8864 negotiates without DCEP, but browsers that open the channel that way wait for the answer (DC-21).
    if (!message.empty() && static_cast<std::uint8_t>(message.front()) == kDcepOpen) acknowledge_dcep();
    return;
  }
  if (protocol == kString) listener_.sctp_received(std::move(message));
}

void SctpAssociation::acknowledge_dcep() {
  // When it does not fit now the peer will not miss it: the channel is negotiated.
  pass(std::string(1, static_cast<char>(kDcepAck)), kDcep);
}

SctpAssociation::Sent SctpAssociation::pass(const std::string& message, std::uint32_t protocol) {
  sctp_sndinfo info{};
  info.snd_sid = parameters_.stream_id;
  info.snd_ppid = htonl(protocol);
  const ssize_t sent =
      usrsctp_sendv(socket_, message.data(), message.size(), nullptr, 0, &info, sizeof info, SCTP_SENDV_SNDINFO, 0);
  if (sent >= 0) return Sent::sent;
  if (errno == EWOULDBLOCK || errno == EAGAIN) return Sent::queued;
  if (errno == EMSGSIZE) return Sent::too_large;
  return Sent::not_up;
}

void SctpAssociation::flush() {
  while (socket_ != nullptr && state_ == State::up && !unsent_.empty()) {
    if (pass(unsent_.front(), kString) == Sent::queued) return;
    unsent_octets_ -= unsent_.front().size();
    unsent_.pop_front();
  }
}

void SctpAssociation::notified(std::span<const std::uint8_t> notification) {
  sctp_notification::sctp_tlv header{};
  if (!read_notification(notification, header)) return;
  switch (header.sn_type) {
    case SCTP_ASSOC_CHANGE: {
      // The flexible array at the end of the C struct is of no interest here.
      sctp_assoc_change change{};
      if (!read_notification(notification, change)) return;
      association_changed(change.sac_state, change.sac_outbound_streams, change.sac_inbound_streams);
      return;
    }
    case SCTP_SHUTDOWN_EVENT:
      if (!closing_) fail(SctpFailure::peer_shutdown, "the peer shut the association down");
      state_ = State::shutting_down;
      return;
    case SCTP_STREAM_RESET_EVENT:
      streams_reset(notification);
      return;
    default:
      return;
  }
}

void SctpAssociation::association_changed(std::uint16_t state, std::uint16_t outbound, std::uint16_t inbound) {
  switch (state) {
    case SCTP_COMM_UP:
      if (state_ != State::connecting) return;
      state_ = State::up;
      if (set_up_was_slow_) measure_path();
      if (parameters_.stream_id >= outbound || parameters_.stream_id >= inbound) {
        return fail(SctpFailure::sctp, "the peer has too few streams for id " + std::to_string(parameters_.stream_id));
      }
      listener_.sctp_established();
      return;
    case SCTP_RESTART:
      return fail(SctpFailure::sctp, "the peer restarted the association");
    case SCTP_SHUTDOWN_COMP:
      state_ = State::gone;
      shut_down_ = true;
      free_socket();
      if (closing_) {
        listener_.sctp_closed(true);
      } else {
        fail(SctpFailure::peer_shutdown, "the peer shut the association down");
      }
      return;
    case SCTP_COMM_LOST:
    case SCTP_CANT_STR_ASSOC:
      state_ = State::gone;
      free_socket();
      if (closing_) {
        listener_.sctp_closed(false);
      } else if (peer_aborted_) {
        fail(SctpFailure::peer_abort, "the peer sent ABORT");
      } else {
        fail(SctpFailure::sctp, "the association could not be set up or its retransmissions are used up");
      }
      return;
    default:
      return;
  }
}

void SctpAssociation::streams_reset(std::span<const std::uint8_t> notification) {
  constexpr std::size_t kListOffset = offsetof(sctp_stream_reset_event, strreset_stream_list);
  sctp_stream_reset_event event{};
  if (notification.size() < kListOffset) return;
  std::memcpy(&event, notification.data(), kListOffset);
  const auto list = notification.subspan(kListOffset);
  bool ours = list.empty();  // no list means all streams
  for (std::size_t at = 0; at + sizeof(std::uint16_t) <= list.size(); at += sizeof(std::uint16_t)) {
    std::uint16_t stream = 0;
    std::memcpy(&stream, list.data() + at, sizeof stream);
    ours = ours || stream == parameters_.stream_id;
  }
  const bool refused = (event.strreset_flags & (SCTP_STREAM_RESET_DENIED | SCTP_STREAM_RESET_FAILED)) != 0;
  if ((event.strreset_flags & SCTP_STREAM_RESET_OUTGOING_SSN) != 0 || refused) {
    reset_ = Reset::answered;
    if (state_ == State::resetting) start_shutdown();
  }
  if ((event.strreset_flags & SCTP_STREAM_RESET_INCOMING_SSN) != 0 && ours && !refused) {
    partial_.clear();
    if (closing_ || failed_) return;
    // RFC 8831 section 6.7: whose incoming stream is reset resets the outgoing one.
    reset_stream();
    fail(SctpFailure::peer_reset, "the peer reset the stream of the CLUE channel");
  }
}

void SctpAssociation::reset_stream() {
  std::array<std::uint8_t, sizeof(sctp_reset_streams) + sizeof(std::uint16_t)> request{};
  sctp_reset_streams head{};
  head.srs_assoc_id = SCTP_ALL_ASSOC;
  head.srs_flags = SCTP_STREAM_RESET_OUTGOING;
  head.srs_number_streams = 1;
  std::memcpy(request.data(), &head, sizeof head);
  std::memcpy(request.data() + sizeof head, &parameters_.stream_id, sizeof parameters_.stream_id);
  // A peer without RE-CONFIG will not answer: then SHUTDOWN alone has to do.
  const bool requested = usrsctp_setsockopt(socket_, IPPROTO_SCTP, SCTP_RESET_STREAMS, request.data(),
                                            static_cast<socklen_t>(request.size())) == 0;
  reset_ = requested ? Reset::requested : Reset::answered;
}

void SctpAssociation::start_shutdown() {
  state_ = State::shutting_down;
  usrsctp_shutdown(socket_, SHUT_WR);
}

void SctpAssociation::fail(SctpFailure failure, const std::string& detail) {
  if (failed_) return;
  failed_ = true;
  unsent_.clear();
  partial_.clear();
  listener_.sctp_failed(failure, detail);
}

}  // namespace clued::channel
