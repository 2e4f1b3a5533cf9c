#include "fuzz_process/channel_peer.hpp"

#include <string_view>

#include "channel/bytes.hpp"
#include "channel/stun_message.hpp"
#include "component/channel/stun_request.hpp"
#include "fuzz_process/mutation.hpp"
#include "fuzz_process/packets.hpp"

namespace clued::fuzz {

namespace {

using channel::bytes_of;
using channel::text_of;
using namespace std::chrono_literals;

constexpr std::size_t most_remembered = 12;
constexpr auto first_checks = 50ms;
constexpr auto later_checks = 2s;
constexpr auto dtls_timers = channel::DtlsTimers{100ms, 1000ms};

void remember(std::deque<std::string>& sent, std::string_view one) {
  sent.emplace_back(one);
  if (sent.size() > most_remembered) sent.pop_front();
}

std::uint32_t number_at(std::string_view text, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4 && at + i < text.size(); ++i)
    number = number << 8 | static_cast<std::uint8_t>(text[at + i]);
  return number;
}

unsigned meanness_of(Random& random) {
  constexpr unsigned levels[] = {0, 0, 0, 2, 10, 40};
  return random.pick(levels);
}

}  // namespace

ChannelPeer::ChannelPeer(Reactor& reactor, ChannelLibraries& libraries, std::uint64_t number)
    : libraries_(libraries),
      random_(number),
      meanness_(meanness_of(random_)),
      socket_(reactor, [this](std::string_view datagram, std::uint16_t) { received(datagram); }),
      peer_("room" + std::to_string(number % 1000), 1 + static_cast<unsigned>(number % 3)) {
  const std::string port = std::to_string(socket_.port());
  local_.address = "127.0.0.1";
  local_.port = socket_.port();
  local_.ice_ufrag = "u" + std::to_string(number % 100'000);
  local_.ice_pwd = "passwordpasswordpassword";
  local_.candidates = {"1 1 UDP 2130706431 127.0.0.1 " + port + " typ host"};
  local_.fingerprints = {libraries_.dtls.certificate().fingerprint()};
  local_.tls_id = "abcdefghijklmnopqrstuvwxyz" + std::to_string(number);
}

ChannelPeer::~ChannelPeer() {
  if (sctp_) sctp_->abort();
  if (dtls_) dtls_->close();
}

std::string ChannelPeer::offer() {
  auto text = peer_.offer(local_);
  const std::string setup = "a=setup:actpass";
  const auto at = text.find(setup);
  if (at != std::string::npos && random_.chance(40)) {
    text.replace(at, setup.size(), random_.chance(50) ? "a=setup:active" : "a=setup:passive");
  }
  return text;
}

void ChannelPeer::read_answer(const std::string& answer) {
  if (has_remote_) return;
  auto ends = peer_.read_answer(answer);
  if (!ends) return;
  local_.setup = ends->local.setup;
  remote_ = std::move(ends->remote);
  has_remote_ = true;
}

std::optional<std::string> ChannelPeer::answer(const std::string& offer) { return peer_.answer(offer); }

void ChannelPeer::session_changed() {
  peer_.session_changed(base::Clock::now());
  flush_messages();
}

void ChannelPeer::tick(base::TimePoint now) {
  if (has_remote_ && now >= next_check_) {
    check();
    next_check_ = now + (has_pair_ ? base::Duration(later_checks) : base::Duration(first_checks));
  }
  if (dtls_over_) {
    dtls_over_ = established_ = false;
    sctp_.reset();
    dtls_.reset();
  }
  if (dtls_ && dtls_->next_deadline(now).value_or(now + 1s) <= now) dtls_->handle_timeout();
}

void ChannelPeer::check() {
  channel::test::StunRequest request;
  request.username = username();
  request.password = remote_.ice_pwd;
  request.use_candidate = true;
  request.transaction_id = big_endian(++checks_, 12);
  socket_.send(request.to_bytes(), remote_.port);
}

void ChannelPeer::received(std::string_view datagram) {
  if (datagram.empty() || !has_remote_) return;
  const auto first = static_cast<std::uint8_t>(datagram[0]);
  if (first < 4) return received_stun(datagram);
  if (first < 20 || first > 63) return;
  if (!dtls_) start_dtls();
  if (!dtls_over_) dtls_->receive(bytes_of(datagram));
}

void ChannelPeer::received_stun(std::string_view datagram) {
  const auto message = channel::parse_stun(bytes_of(datagram));
  if (!message) return;
  if (message->message_class == channel::StunClass::success_response) {
    if (!has_pair_) {
      has_pair_ = true;
      start_dtls();
    }
    return;
  }
  if (message->message_class != channel::StunClass::request || random_.chance(meanness_)) return;
  // XOR-MAPPED-ADDRESS (RFC 8489 section 14.2).
  const auto mapped =
      big_endian(1, 2) + big_endian(remote_.port ^ 0x2112U, 2) + big_endian(0x7f000001U ^ 0x2112a442U, 4);
  auto response = channel::test::stun_message(0x0101, text_of(message->transaction_id),
                                              channel::test::stun_attribute(0x0020, mapped), local_.ice_pwd, true);
  if (random_.chance(meanness_)) response = spoiled_octets(random_, std::move(response));
  socket_.send(response, remote_.port);
}

void ChannelPeer::start_dtls() {
  if (dtls_) return;
  const auto role = local_.setup == sdp::SetupRole::active ? channel::DtlsRole::client : channel::DtlsRole::server;
  dtls_ = std::make_unique<channel::DtlsSession>(libraries_.dtls, role, remote_.fingerprints, dtls_timers,
                                                 static_cast<channel::DtlsSession::Listener&>(*this));
  dtls_->start();
}

void ChannelPeer::send_datagram(std::string_view datagram) {
  remember(datagrams_, datagram);
  if (random_.chance(meanness_)) {
    if (random_.chance(30)) return;  // lost
    socket_.send(spoiled_octets(random_, std::string(datagram)), remote_.port);
    if (random_.chance(30)) return;  // and the good one too
  }
  socket_.send(datagram, remote_.port);
  if (random_.chance(meanness_)) socket_.send(datagrams_.front(), remote_.port);  // an old one again
}

void ChannelPeer::dtls_output(channel::Bytes datagram) noexcept { send_datagram(text_of(datagram)); }

void ChannelPeer::dtls_connected() noexcept {
  libraries_.sctp->advance(base::Clock::now());
  sctp_ = std::make_unique<channel::SctpAssociation>(libraries_.sctp, channel::SctpParameters{},
                                                     static_cast<channel::SctpAssociation::Listener&>(*this));
  static_cast<void>(sctp_->connect());
}

void ChannelPeer::dtls_received(channel::Bytes record) noexcept {
  if (!sctp_) return;
  libraries_.sctp->advance(base::Clock::now());
  sctp_->receive(record);
}

void ChannelPeer::dtls_failed(channel::DtlsFailure /*failure*/, const std::string& /*detail*/) noexcept {
  dtls_over_ = true;
  established_ = false;
}

void ChannelPeer::sctp_output(channel::Bytes packet) noexcept {
  const std::string text(text_of(packet));
  remember(packets_, text);
  tag_ = number_at(text, 4);
  if (text.size() > 20 && text[12] == 0) tsn_ = number_at(text, 16);
  if (!dtls_) return;
  if (random_.chance(meanness_)) {
    if (random_.chance(30)) return;
    const auto spoiled = text.substr(0, 12) + spoiled_octets(random_, text.substr(12));
    dtls_->send(bytes_of(with_checksum(spoiled)));
    if (random_.chance(30)) return;
  }
  dtls_->send(packet);
}

void ChannelPeer::sctp_established() noexcept {
  established_ = true;
  peer_.channel_established(local_.setup == sdp::SetupRole::active, base::Clock::now());
  flush_messages();
}

void ChannelPeer::sctp_received(std::string message) noexcept {
  news_.read(message);
  sequence_.incoming(message);
  if (random_.chance(meanness_)) return;  // never answered
  peer_.receive(message, base::Clock::now());
  flush_messages();
}

void ChannelPeer::sctp_failed(channel::SctpFailure /*failure*/, const std::string& /*detail*/) noexcept {
  established_ = false;
}

void ChannelPeer::sctp_closed(bool /*gracefully*/) noexcept { established_ = false; }

void ChannelPeer::flush_messages() {
  for (auto& message : peer_.take_messages()) {
    sequence_.outgoing(message);
    if (random_.chance(meanness_)) message = spoiled_text(random_, std::move(message));
    if (sctp_ && established_ && !message.empty()) sctp_->send(std::move(message));
  }
}

void ChannelPeer::step(Random& random) {
  if (!has_remote_) return;
  const auto kind = random.below(100);
  if (kind < 50 && established_) {
    step_clue(random);
  } else if (kind < 80 && dtls_ && dtls_->is_connected()) {
    step_sctp(random);
  } else if (kind < 90) {
    step_dtls(random);
  } else {
    socket_.send(stun_datagram(random, username(), remote_.ice_pwd), remote_.port);
  }
}

void ChannelPeer::step_clue(Random& random) {
  libraries_.sctp->advance(base::Clock::now());
  auto message = clue_message(random, sequence_.next(), news_);
  if (!message.empty()) sctp_->send(std::move(message));
}

void ChannelPeer::step_sctp(Random& random) {
  if (packets_.empty() || random.chance(60)) {
    dtls_->send(bytes_of(sctp_packet(random, tag_, tsn_ + 1)));
    return;
  }
  auto packet = random.pick(packets_);
  if (random.chance(80)) packet = with_checksum(packet.substr(0, 12) + spoiled_octets(random, packet.substr(12)));
  if (packet.size() > 1150) packet.resize(1150);
  dtls_->send(bytes_of(packet));
}

void ChannelPeer::step_dtls(Random& random) {
  if (random.chance(2) && dtls_ && !dtls_over_) {  // a new handshake over the same path (RFC 6347 section 4.2.8)
    dtls_over_ = true;
    has_pair_ = false;
    return;
  }
  if (datagrams_.empty() || random.chance(50)) return socket_.send(dtls_records(random), remote_.port);
  socket_.send(spoiled_octets(random, random.pick(datagrams_)), remote_.port);
}

}  // namespace clued::fuzz
