#include "component/sip/sip_peer.hpp"

#include <algorithm>
#include <boost/asio/write.hpp>
#include <cstdlib>
#include <stdexcept>

namespace clued::sip::test {
namespace asio = boost::asio;

unsigned Peer::branch_counter = 0;

namespace {

bool same(const std::string& a, const std::string& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return tolower(x) == tolower(y); });
}

}  // namespace

Message Message::parse(const std::string& text) {
  Message message;
  const std::size_t end = text.find("\r\n\r\n");
  std::string head = text.substr(0, end);
  if (end != std::string::npos) message.body = text.substr(end + 4);
  std::size_t at = head.find("\r\n");
  message.start = head.substr(0, at);
  while (at != std::string::npos) {
    const std::size_t start = at + 2;
    at = head.find("\r\n", start);
    const std::string line = head.substr(start, at == std::string::npos ? at : at - start);
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::size_t value = line.find_first_not_of(' ', colon + 1);
    message.headers.emplace_back(line.substr(0, colon), value == std::string::npos ? "" : line.substr(value));
  }
  return message;
}

std::string Message::header(const std::string& name) const {
  for (const auto& [key, value] : headers) {
    if (same(key, name)) return value;
  }
  return "";
}

std::string Message::all(const std::string& name) const {
  std::string lines;
  for (const auto& [key, value] : headers) {
    if (same(key, name)) lines.append(key).append(": ").append(value).append("\r\n");
  }
  return lines;
}

std::size_t Message::count(const std::string& name) const {
  return static_cast<std::size_t>(
      std::count_if(headers.begin(), headers.end(), [&name](const auto& one) { return same(one.first, name); }));
}

int Message::status() const { return start.rfind("SIP/2.0 ", 0) == 0 ? std::atoi(start.c_str() + 8) : 0; }

std::string Message::method() const { return status() != 0 ? "" : start.substr(0, start.find(' ')); }

Peer::Peer(asio::io_context& io, Wire wire, const std::string& agent) : io_(io), wire_(wire), udp_(io), acceptor_(io) {
  const std::size_t port = agent.rfind(':', agent.find(';'));
  agent_host_ = agent.substr(4, port - 4);
  if (agent_host_.front() == '[') agent_host_ = agent_host_.substr(1, agent_host_.size() - 2);
  agent_port_ = static_cast<std::uint16_t>(std::atoi(agent.c_str() + port + 1));
  const auto address = asio::ip::make_address(agent_host_);
  if (wire == Wire::udp) {
    udp_ = asio::ip::udp::socket(io, asio::ip::udp::endpoint(address, 0));
    receive_datagram();
  } else {
    acceptor_ = asio::ip::tcp::acceptor(io, asio::ip::tcp::endpoint(address, 0));
    accept();
    connection_ = std::make_shared<Connection>(io);
    connection_->socket.connect(asio::ip::tcp::endpoint(address, agent_port_));
    connection_->socket.set_option(asio::ip::tcp::no_delay(true));
    receive_stream(connection_);
  }
}

std::string Peer::host() const {
  const bool ipv6 = agent_host_.find(':') != std::string::npos;
  const auto port = wire_ == Wire::udp ? udp_.local_endpoint().port() : acceptor_.local_endpoint().port();
  return (ipv6 ? "[" + agent_host_ + "]" : agent_host_) + ":" + std::to_string(port);
}

std::string Peer::contact() const { return "sip:alice@" + host() + (wire_ == Wire::tcp ? ";transport=tcp" : ""); }

void Peer::send(const std::string& text) {
  if (wire_ == Wire::udp) {
    udp_.send_to(asio::buffer(text), asio::ip::udp::endpoint(asio::ip::make_address(agent_host_), agent_port_));
  } else {
    boost::system::error_code ignored;
    asio::write(connection_->socket, asio::buffer(text), ignored);
  }
}

void Peer::drop_connection() {
  boost::system::error_code ignored;
  connection_->socket.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  connection_->socket.close(ignored);
}

void Peer::receive_datagram() {
  udp_.async_receive_from(asio::buffer(datagram_), from_,
                          [this, alive = alive_](const boost::system::error_code& error, std::size_t size) {
                            if (!*alive || error == asio::error::operation_aborted) return;
                            if (!error) inbox.push_back(Message::parse(std::string(datagram_.data(), size)));
                            receive_datagram();
                          });
}

void Peer::accept() {
  auto connection = std::make_shared<Connection>(io_);
  acceptor_.async_accept(connection->socket,
                         [this, alive = alive_, connection](const boost::system::error_code& error) {
                           if (!*alive || error) return;
                           ++accepted;
                           connection_ = connection;
                           receive_stream(connection);
                           accept();
                         });
}

void Peer::receive_stream(const std::shared_ptr<Connection>& connection) {
  connection->socket.async_read_some(
      asio::buffer(connection->chunk),
      [this, alive = alive_, connection](const boost::system::error_code& error, std::size_t size) {
        if (!*alive) return;
        if (error) {
          closed_ = closed_ || error != asio::error::operation_aborted;
          return;
        }
        connection->buffer.append(connection->chunk.data(), size);
        take_messages(*connection);
        receive_stream(connection);
      });
}

void Peer::take_messages(Connection& connection) {
  for (;;) {
    while (connection.buffer.rfind("\r\n", 0) == 0) connection.buffer.erase(0, 2);
    const std::size_t end = connection.buffer.find("\r\n\r\n");
    if (end == std::string::npos) return;
    const Message head = Message::parse(connection.buffer.substr(0, end + 4));
    const std::size_t size = end + 4 + std::strtoul(head.header("Content-Length").c_str(), nullptr, 10);
    if (connection.buffer.size() < size) return;
    inbox.push_back(Message::parse(connection.buffer.substr(0, size)));
    connection.buffer.erase(0, size);
  }
}

std::string Peer::request(const std::string& method, const std::string& uri, const std::string& call, unsigned cseq,
                          const std::string& to_tag, const std::string& extra, const std::string& body) const {
  // The response to a CANCEL and to a negatively answered INVITE belongs to the branch of the INVITE: those tests
  // write the Via themselves.
  std::string text = method + " " + uri + " SIP/2.0\r\n";
  if (extra.find("Via:") == std::string::npos) {
    text +=
        "Via: SIP/2.0/" + transport() + " " + host() + ";branch=z9hG4bK" + std::to_string(++branch_counter) + "\r\n";
  }
  text += "Max-Forwards: 70\r\nFrom: \"Alice\" <sip:alice@example.net>;tag=from-" + call + "\r\n";
  text += "To: <sip:conf@example.net>" + (to_tag.empty() ? "" : ";tag=" + to_tag) + "\r\n";
  text += "Call-ID: " + call + "\r\nCSeq: " + std::to_string(cseq) + " " + method + "\r\n";
  if (extra.find("Contact:") == std::string::npos) text += "Contact: <" + contact() + ">\r\n";
  return text + extra + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string Peer::response(const Message& request, int status, const std::string& extra, const std::string& body) {
  return "SIP/2.0 " + std::to_string(status) + " Phrase\r\n" + request.all("Via") + request.all("Record-Route") +
         request.all("From") + request.all("To") + request.all("Call-ID") + request.all("CSeq") + extra +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace clued::sip::test
