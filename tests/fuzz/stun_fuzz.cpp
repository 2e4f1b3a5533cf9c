// Any datagram at the port of the lite agents: read within its bounds, and answered only if it is a good check. The
// input's FINGERPRINT and MESSAGE-INTEGRITY are put right where it has some, or the fuzzer would never get past them.
#include <boost/asio/ip/udp.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "channel/stun_integrity.hpp"
#include "channel/stun_message.hpp"
#include "channel/stun_server.hpp"

namespace {

using namespace clued::channel;

void require(bool condition) {
  if (!condition) std::abort();
}

struct Agent final : StunServer::Agent {
  std::string_view password() const noexcept override { return "VOkJxbRl1RmTxUk/WvJxBt"; }
  void checked(const StunServer::Endpoint&, bool, clued::base::TimePoint) noexcept override { ++checks; }
  void received(Bytes) noexcept override { ++data; }

  int checks = 0;
  int data = 0;
};

/// All views lie in the datagram.
void require_inside(Bytes datagram, Bytes part) {
  require(part.empty() ||
          (part.data() >= datagram.data() && part.data() + part.size() <= datagram.data() + datagram.size()));
}

void put32(std::string& text, std::size_t at, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) text[at + static_cast<std::size_t>(i)] = static_cast<char>(value >> (24 - 8 * i) & 0xffU);
}

std::string put_right(std::string text, MessageIntegrity& integrity, std::string_view password) {
  if (text.size() < 28) return text;
  const std::size_t fingerprint = text.size() - 8;
  if (text.size() >= 52 && text.substr(fingerprint - 24, 4) == std::string("\0\x08\0\x14", 4)) {
    const auto value = integrity.compute(password, bytes_of(text).first(fingerprint - 24));
    text.replace(fingerprint - 20, 20, text_of(value.value()));
  }
  put32(text, fingerprint, 0x80280004);
  put32(text, fingerprint + 4, fingerprint_of(bytes_of(text).first(fingerprint)));
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static MessageIntegrity integrity;
  Agent agent;
  int answers = 0;
  StunServer server([&answers](Bytes answer, const StunServer::Endpoint&) {
    ++answers;
    const auto read = parse_stun(answer);
    require(read && read->method == kBinding && read->message_class >= StunClass::success_response);
  });
  server.add("evtj", agent);
  const StunServer::Endpoint source(boost::asio::ip::make_address("192.0.2.1"), 32853);
  const std::string raw(reinterpret_cast<const char*>(data), size);
  for (const std::string& text : {raw, put_right(raw, integrity, agent.password())}) {
    const Bytes datagram = bytes_of(text);
    if (const auto message = parse_stun(datagram)) {
      require_inside(datagram, message->transaction_id);
      require_inside(datagram, message->covered);
      require_inside(datagram, message->integrity);
      require_inside(datagram, bytes_of(message->username.value_or("")));
      require(message->unknown_count <= message->unknown.size());
    }
    answers = 0;
    const int before = agent.checks;
    server.receive(datagram, source, clued::base::TimePoint{});
    require(answers <= 1);
    require(agent.checks - before <= answers);
  }
  return 0;
}
