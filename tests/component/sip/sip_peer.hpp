// The other end of the tests: SIP as text over real sockets, knowing nothing of the library under test.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>
// Boost 1.74 uses std::exchange without including it under C++20.
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>

namespace clued::sip::test {

struct Message {
  std::string start;  ///< the first line
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  static Message parse(const std::string& text);
  std::string header(const std::string& name) const;  ///< the first, or ""
  std::string all(const std::string& name) const;     ///< of every such header, as header lines
  std::size_t count(const std::string& name) const;
  int status() const;  ///< 0 for a request
  std::string method() const;
};

enum class Wire { udp, tcp };

class Peer {
 public:
  /// `agent` is what sip::Agent::bound() said: "sip:127.0.0.1:5060;transport=udp".
  Peer(boost::asio::io_context& io, Wire wire, const std::string& agent);

  void send(const std::string& text);
  std::deque<Message> inbox;

  /// Closes the connection to the agent; the agent can still connect to the address of the Contact.
  void drop_connection();
  bool connection_closed() const { return closed_; }
  std::size_t accepted = 0;  ///< connections that the agent opened

  std::string host() const;  ///< "127.0.0.1:40000" or "[::1]:40000": our own end
  std::string transport() const { return wire_ == Wire::udp ? "UDP" : "TCP"; }
  std::string contact() const;  ///< a URI

  // Text of requests. `extra` is further header lines, each with its CRLF.
  std::string request(const std::string& method, const std::string& uri, const std::string& call, unsigned cseq,
                      const std::string& to_tag = "", const std::string& extra = "",
                      const std::string& body = "") const;
  static std::string response(const Message& request, int status, const std::string& extra = "",
                              const std::string& body = "");

 private:
  struct Connection {
    explicit Connection(boost::asio::io_context& io) : socket(io) {}
    boost::asio::ip::tcp::socket socket;
    std::string buffer;
    std::array<char, 65536> chunk{};
  };
  void receive_datagram();
  void receive_stream(const std::shared_ptr<Connection>& connection);
  void accept();
  void take_messages(Connection& connection);

  boost::asio::io_context& io_;
  Wire wire_;
  std::string agent_host_;
  std::uint16_t agent_port_ = 0;
  boost::asio::ip::udp::socket udp_;
  boost::asio::ip::udp::endpoint from_;
  std::array<char, 65536> datagram_{};
  boost::asio::ip::tcp::acceptor acceptor_;
  std::shared_ptr<Connection> connection_;
  bool closed_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);

 public:
  ~Peer() {
    *alive_ = false;
    if (connection_) drop_connection();
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  static unsigned branch_counter;
};

/// A session description that nobody looks into here.
inline const std::string some_sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n";

/// Header lines that give a body its type.
inline const std::string sdp_type = "Content-Type: application/sdp\r\n";

}  // namespace clued::sip::test
