#include "fuzz_process/ways.hpp"

#include <algorithm>
#include <stdexcept>

#include "fuzz_process/mutation.hpp"

namespace clued::fuzz {

namespace {

constexpr std::size_t most_idle = 60;
constexpr std::size_t most_accepted = 100;

channel::OpensslHandle<SSL_CTX> make_context(const SSL_METHOD* method, const channel::Certificate& certificate) {
  channel::OpensslHandle<SSL_CTX> context(SSL_CTX_new(method));
  if (!context || SSL_CTX_use_certificate(context.get(), certificate.x509()) != 1 ||
      SSL_CTX_use_PrivateKey(context.get(), certificate.key()) != 1) {
    throw std::runtime_error("OpenSSL has no context for TLS");
  }
  return context;
}

}  // namespace

Ways::Ways(Reactor& reactor, const channel::Certificate& certificate, Handler handler)
    : reactor_(reactor),
      handler_(std::move(handler)),
      client_(make_context(TLS_client_method(), certificate)),
      server_(make_context(TLS_server_method(), certificate)),
      listener_(reactor, [this](Descriptor taken) { accept(std::move(taken), TlsEnd::none); }),
      tls_listener_(reactor, [this](Descriptor taken) { accept(std::move(taken), TlsEnd::server); }) {
  for (std::size_t i = 0; i < sockets; ++i) {
    udp_.push_back(std::make_unique<UdpSocket>(reactor, [this, i](std::string_view datagram, std::uint16_t) {
      handler_(std::string(datagram), {Way::Kind::udp, i});
    }));
  }
}

void Ways::aim(std::uint16_t sip_port, std::uint16_t tls_port) {
  sip_port_ = sip_port;
  tls_port_ = tls_port;
}

std::vector<std::uint16_t> Ways::udp_ports() const {
  std::vector<std::uint16_t> ports;
  for (const auto& socket : udp_) ports.push_back(socket->port());
  return ports;
}

Way Ways::some_way(Random& random) const {
  const auto kind = random.below(100);
  if (kind < 70) return {Way::Kind::udp, random.below(sockets)};
  if (kind < 88 || tls_port_ == 0) return {Way::Kind::tcp, random.below(slots)};
  return {Way::Kind::tls, random.below(slots)};
}

std::string Ways::via(Way way) const {
  const auto place = [](const char* transport, std::uint16_t port) {
    return std::string("SIP/2.0/") + transport + " 127.0.0.1:" + std::to_string(port);
  };
  if (way.kind == Way::Kind::udp) return place("UDP", udp_.at(way.slot)->port());
  if (way.kind == Way::Kind::tls) return place("TLS", tls_listener_.port());
  return place("TCP", listener_.port());
}

Connection& Ways::open(Way way) {
  const bool tls = way.kind == Way::Kind::tls;
  Slot& slot = slot_of(way);
  if (slot.connection == nullptr || slot.connection->is_over()) {
    slot.rest.clear();
    // It may be its own handler that sends.
    if (slot.connection != nullptr) finished_.push_back(std::move(slot.connection));
    slot.connection = std::make_unique<Connection>(
        reactor_, connecting_to(tls ? tls_port_ : sip_port_), client_.get(), tls ? TlsEnd::client : TlsEnd::none,
        [this, way](std::string_view message) { handler_(std::string(message), way); });
  }
  return *slot.connection;
}

void Ways::send(Way way, std::string text, Random& random) {
  if (way.kind == Way::Kind::udp) return udp_.at(way.slot)->send(text, sip_port_);
  if (way.kind == Way::Kind::accepted) {
    const auto found = accepted_.find(way.slot);
    if (found != accepted_.end()) found->second->send(text);
    return;
  }
  auto& connection = open(way);
  auto& rest = slot_of(way).rest;
  text.insert(0, rest);
  rest.clear();
  if (honest_ || random.chance(60)) return connection.send(text);
  while (!text.empty() && !connection.is_over()) {
    const auto size = std::min(text.size(), 1 + random.below(random.chance(50) ? 20 : 1500));
    connection.send(text.substr(0, size));
    text.erase(0, size);
    if (random.chance(10)) {
      rest = std::move(text);
      return;
    }
  }
}

void Ways::disturb(Random& random) {
  const auto kind = random.below(10);
  if (kind == 0 && idle_.size() < most_idle) {  // many at once that say nothing, or no TLS
    for (std::size_t i = 1 + random.below(10); i > 0; --i) {
      const bool tls = tls_port_ != 0 && random.chance(50);
      idle_.push_back(std::make_unique<Connection>(reactor_, connecting_to(tls ? tls_port_ : sip_port_), client_.get(),
                                                   tls && random.chance(50) ? TlsEnd::client : TlsEnd::none,
                                                   [](std::string_view) {}));
      if (random.chance(50)) idle_.back()->send_raw(odd_text(random) + odd_text(random));
    }
    return;
  }
  if (kind == 1) {
    for (auto& one : idle_) {
      if (random.chance(50)) one->reset_hard();
    }
    return;
  }
  const Way way{tls_port_ != 0 && random.chance(40) ? Way::Kind::tls : Way::Kind::tcp, random.below(slots)};
  open(way);
  disturb_slot(random, slot_of(way), way);
}

void Ways::disturb_slot(Random& random, Slot& slot, Way way) {
  auto& connection = *slot.connection;
  switch (random.below(8)) {
    case 0:
      return connection.send(random.chance(50) ? "\r\n\r\n" : "\r\n");
    case 1:
      return connection.send(std::string(1 + random.below(20), '\n'));
    case 2:
      return connection.send(odd_text(random));
    case 3:
      return connection.half_close();
    case 4:
      return connection.reset_hard();
    case 5:  // past TLS
      return way.kind == Way::Kind::tls ? connection.send_raw(odd_text(random)) : connection.send(std::string(3, '\0'));
    case 6:
      return connection.send("INVITE sip:a@127.0.0.1 SIP/2.0\r\nContent-Length: " + odd_number(random) + "\r\n\r\n");
    default:
      connection.send(slot.rest);
      slot.rest.clear();
  }
}

void Ways::accept(Descriptor descriptor, TlsEnd end) {
  if (accepted_.size() >= most_accepted) return;
  const Way way{Way::Kind::accepted, ++last_accepted_};
  accepted_[way.slot] =
      std::make_unique<Connection>(reactor_, std::move(descriptor), server_.get(), end,
                                   [this, way](std::string_view message) { handler_(std::string(message), way); });
}

void Ways::sweep() {
  finished_.clear();
  std::erase_if(accepted_, [](const auto& one) { return one.second->is_over(); });
  std::erase_if(idle_, [](const auto& one) { return one->is_over(); });
  for (auto* kind : {&tcp_, &tls_}) {
    for (auto& slot : *kind) {
      if (slot.connection != nullptr && slot.connection->is_over()) slot.connection.reset();
    }
  }
}

void Ways::close_all() {
  accepted_.clear();
  idle_.clear();
  for (auto* kind : {&tcp_, &tls_}) {
    for (auto& slot : *kind) slot = {};
  }
}

}  // namespace clued::fuzz
