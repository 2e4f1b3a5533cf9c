#include "fuzz_process/probe.hpp"

namespace clued::fuzz {

namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto first_repetition = 300ms;
constexpr const char* offer =
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n";

}  // namespace

Probe::Probe(Reactor& reactor, std::function<bool()> wait)
    : reactor_(reactor),
      wait_(std::move(wait)),
      socket_(reactor,
              [this](std::string_view datagram, std::uint16_t) {
                auto message = bench::parse_sip(datagram);
                if (message && !message->is_request() && message->status >= 200) answer_ = std::move(message);
              }),
      tls_(SSL_CTX_new(TLS_client_method())) {}

void Probe::aim(std::uint16_t sip_port, std::uint16_t tls_port) {
  sip_port_ = sip_port;
  tls_port_ = tls_port;
}

Probe::Message Probe::request(const std::string& method, unsigned cseq, const std::string& target) const {
  const auto id = std::to_string(calls_) + (method == "ACK" ? "a" : "");
  Message message;
  message.method = method;
  message.target = target;
  message.headers = {
      {"Via", "SIP/2.0/UDP 127.0.0.1:" + std::to_string(socket_.port()) + ";branch=z9hG4bKp" + id + method},
      {"Max-Forwards", "70"},
      {"From", "<sip:probe@127.0.0.1>;tag=p"},
      {"To", to_.empty() ? "<sip:factory@127.0.0.1>" : to_},
      {"Call-ID", "probe" + std::to_string(calls_)},
      {"CSeq", std::to_string(cseq) + " " + method},
      {"P-Asserted-Identity", "<sip:probe@127.0.0.1>"},
      {"Contact", "<sip:probe@127.0.0.1:" + std::to_string(socket_.port()) + ">"},
  };
  return message;
}

std::optional<Probe::Message> Probe::ask(const Message& request, std::chrono::milliseconds patience) {
  const auto text = bench::to_text(request);
  const auto begin = Clock::now();
  auto repetition = begin;
  std::chrono::milliseconds interval = first_repetition;
  while (Clock::now() - begin < patience) {
    if (Clock::now() >= repetition) {
      socket_.send(text, sip_port_);
      repetition += interval;
      interval *= 2;
    }
    if (!wait_()) return std::nullopt;
    if (answer_ && answer_->header("Call-ID") == request.header("Call-ID") &&
        answer_->header("CSeq") == request.header("CSeq")) {
      return std::exchange(answer_, std::nullopt);
    }
  }
  return std::nullopt;
}

std::optional<std::chrono::milliseconds> Probe::ping(std::chrono::milliseconds patience) {
  ++calls_;
  to_.clear();
  const auto begin = Clock::now();
  if (!ask(request("OPTIONS", 1, "sip:127.0.0.1:" + std::to_string(sip_port_)), patience)) return std::nullopt;
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
}

std::string Probe::call(std::chrono::milliseconds patience) {
  ++calls_;
  to_.clear();
  auto invite = request("INVITE", 1, "sip:factory@127.0.0.1:" + std::to_string(sip_port_));
  invite.body = offer;
  const auto answer = ask(invite, patience);
  if (!answer) return "a plain INVITE was not answered";
  if (answer->status != 200) return "a plain INVITE was answered " + std::to_string(answer->status);
  to_ = answer->header("To");
  const auto target = answer->contact();
  socket_.send(bench::to_text(request("ACK", 1, target)), sip_port_);
  const auto bye = ask(request("BYE", 2, target), patience);
  if (!bye) return "the BYE of a plain call was not answered";
  return bye->status == 200 ? "" : "the BYE of a plain call was answered " + std::to_string(bye->status);
}

std::string Probe::connect(bool tls, std::chrono::milliseconds patience) {
  ++calls_;
  to_.clear();
  auto options = request("OPTIONS", 1, "sip:127.0.0.1:" + std::to_string(sip_port_));
  auto& via = options.headers.front().second;
  via.replace(via.find("UDP"), 3, tls ? "TLS" : "TCP");
  bool answered = false;
  Connection connection(reactor_, connecting_to(tls ? tls_port_ : sip_port_), tls_.get(),
                        tls ? TlsEnd::client : TlsEnd::none, [&](std::string_view) { answered = true; });
  connection.send(bench::to_text(options));
  const auto end = Clock::now() + patience;
  while (!answered && !connection.is_over() && Clock::now() < end && wait_()) {
  }
  if (answered) return "";
  return std::string("OPTIONS on a new ") + (tls ? "TLS" : "TCP") +
         (connection.is_over() ? " connection: it was closed" : " connection was not answered");
}

}  // namespace clued::fuzz
