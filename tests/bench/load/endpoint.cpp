#include "bench/load/endpoint.hpp"

#include <algorithm>
#include <utility>

namespace clued::bench {

namespace {

constexpr std::chrono::milliseconds t1{500};
constexpr std::chrono::seconds t2{4};

}  // namespace

Endpoint::Endpoint(EndpointHost& host, unsigned number, std::string address, unsigned cameras)
    : host_(host),
      peer_("room" + std::to_string(number), cameras),
      name_("room" + std::to_string(number)),
      address_(std::move(address)),
      call_id_(name_ + "@" + address_),
      tag_("t" + std::to_string(number)),
      channel_(number) {}

void Endpoint::join(std::string uri, base::TimePoint) {
  uri_ = std::move(uri);
  host_.open({channel_, sdp::IpFamily::v4, true});  // who offers controls (RFC 8445 section 6.1.1)
}

void Endpoint::on(const focus::event::ChannelGathered& event, base::TimePoint now) {
  offer_ = peer_.offer(event.local);
  invite_cseq_ = ++cseq_;
  auto invite = request("INVITE", invite_cseq_);
  invite.body = offer_;
  transmit(invite, now);
}

SipMessage Endpoint::request(const std::string& method, unsigned cseq) const {
  SipMessage message;
  message.method = method;
  message.target = remote_target_.empty() ? uri_ : remote_target_;
  message.headers = {
      {"Via", "SIP/2.0/UDP " + address_ + ";branch=z9hG4bK-" + name_ + "-" + method + std::to_string(cseq)},
      {"Max-Forwards", "70"},
      {"From", "<sip:" + name_ + "@" + address_ + ">;tag=" + tag_},
      {"To", remote_to_.empty() ? "<" + uri_ + ">" : remote_to_},
      {"Call-ID", call_id_},
      {"CSeq", std::to_string(cseq) + " " + method},
      // The transport parameter keeps long requests of the focus on UDP, which is all that we speak.
      {"Contact", "<sip:" + name_ + "@" + address_ + ";transport=udp>;+sip.clue"},
      {"Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS, NOTIFY"},
      {"User-Agent", "clued-load"},
  };
  return message;
}

void Endpoint::transmit(const SipMessage& message, base::TimePoint now) {
  auto text = to_text(message);
  host_.send_sip(text);
  pending_.push_back({std::move(text), message.method, message.cseq(), now + t1, t1});
}

void Endpoint::remove(const Endpoint& target, base::TimePoint now) {
  auto refer = request("REFER", ++cseq_);
  refer.headers.emplace_back("Refer-To", "<sip:" + target.name_ + "@" + target.address_ + ";method=BYE>");
  transmit(refer, now);
}

void Endpoint::leave(base::TimePoint now) {
  if (std::exchange(over_, true)) return;
  host_.close({channel_});
  if (!remote_target_.empty()) transmit(request("BYE", ++cseq_), now);
}

void Endpoint::receive(const SipMessage& message, base::TimePoint now) {
  if (message.is_request()) {
    on_request(message, now);
  } else {
    on_response(message, now);
  }
}

void Endpoint::on_response(const SipMessage& response, base::TimePoint) {
  const bool is_invite = response.cseq_method() == "INVITE";
  if (is_invite && response.status >= 200) {
    on_invite_answered(response);
  } else if (response.status >= 300) {
    trouble_ = std::string(response.cseq_method()) + " was answered " + std::to_string(response.status);
  } else if (response.status >= 200 && response.cseq_method() == "REFER") {
    referred_ = true;
  }
  // Timer A stops at any response; our other requests are answered at once.
  std::erase_if(pending_, [&](const Pending& one) { return one.cseq == response.cseq(); });
}

void Endpoint::on_invite_answered(const SipMessage& response) {
  remote_to_ = response.header("To");
  if (response.status >= 300) {
    trouble_ = "INVITE was answered " + std::to_string(response.status);
    auto ack = request("ACK", invite_cseq_);
    ack.headers.front().second = response.header("Via");
    host_.send_sip(to_text(ack));
    return;
  }
  const bool is_repetition = !remote_target_.empty();
  remote_target_ = response.contact();
  host_.send_sip(to_text(request("ACK", invite_cseq_)));
  if (is_repetition) {
    ++repeats_;
    return;
  }
  auto ends = peer_.read_answer(response.body);
  if (!ends) {
    trouble_ = "no CLUE channel in the answer";
    return;
  }
  host_.connect({channel_, std::move(ends->local), std::move(ends->remote)});
}

void Endpoint::on_request(const SipMessage& request, base::TimePoint now) {
  if (request.method == "ACK") {
    if (answered_reinvite_ != request.cseq()) return;
    answered_reinvite_.reset();
    last_refresh_ = now;
    peer_.session_changed(now);
    flush_messages(now);
    return;
  }
  if (request.cseq() <= last_request_) {
    ++repeats_;
    if (request.cseq() == last_request_) host_.send_sip(last_response_);
    return;
  }
  last_request_ = request.cseq();
  if (request.method == "INVITE") return on_reinvite(request);
  if (request.method == "BYE" && !over_) {
    over_ = true;
    host_.close({channel_});
  }
  respond(request, 200);
}

void Endpoint::on_reinvite(const SipMessage& request) {
  ++reinvites_;
  auto answer = peer_.answer(request.body);
  if (!answer) {
    trouble_ = "an offer that cannot be read";
    return respond(request, 488);
  }
  auto response = response_to(request, 200, tag_);
  response.headers.emplace_back("Contact", "<sip:" + name_ + "@" + address_ + ";transport=udp>;+sip.clue");
  response.body = std::move(*answer);
  last_response_ = to_text(response);
  host_.send_sip(last_response_);
  answered_reinvite_ = request.cseq();
}

void Endpoint::respond(const SipMessage& request, int status) {
  last_response_ = to_text(response_to(request, status, tag_));
  host_.send_sip(last_response_);
}

void Endpoint::on(const focus::event::ChannelEstablished& event, base::TimePoint now) {
  peer_.channel_established(event.end == focus::event::ChannelEnd::client, now);
  flush_messages(now);
}

void Endpoint::on(const focus::event::ChannelMessageReceived& event, base::TimePoint now) {
  const auto before = peer_.advertisements();
  peer_.receive(event.message, now);
  if (peer_.advertisements() != before) last_refresh_ = now;
  flush_messages(now);
}

void Endpoint::on(const focus::event::ChannelFailed& event, base::TimePoint) {
  if (over_) return;
  // The focus closes its end when it ends the session; its BYE is on the way or was just read.
  const bool by_peer = event.cause.rfind("peer_", 0) == 0 || event.cause == "dtls";
  if (!by_peer) trouble_ = "channel: " + event.cause + " " + event.detail;
}

void Endpoint::flush_messages(base::TimePoint) {
  for (auto& message : peer_.take_messages()) host_.send({channel_, std::move(message)});
}

void Endpoint::tick(base::TimePoint now) {
  for (auto& one : pending_) {
    if (one.due > now) continue;
    host_.send_sip(one.text);
    ++repeats_;
    one.interval = std::min<base::Duration>(one.interval * 2, t2);
    one.due = now + one.interval;
  }
}

bool Endpoint::is_complete() const {
  return peer_.is_acknowledged() && peer_.is_configured() && !answered_reinvite_ && reinvites_ > 0;
}

std::string Endpoint::trouble() const {
  const auto& what = trouble_.empty() ? peer_.trouble() : trouble_;
  return what.empty() ? what : name_ + ": " + what;
}

}  // namespace clued::bench
