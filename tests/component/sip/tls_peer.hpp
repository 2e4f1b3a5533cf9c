// The other end of the tests of TLS: OpenSSL by way of Asio, with certificates made at test time.
#pragma once

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <array>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "component/sip/harness.hpp"
#include "sip/certificate_names.hpp"
#include "sip/tls_context.hpp"

namespace clued::sip::test {

/// A root and what it signed, in a folder of its own.
class Certificates {
 public:
  Certificates() : folder_(std::filesystem::path(testing::TempDir()) / ("clued-tls-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(folder_);
    run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout root.key -out root.pem -days 2 "
        "-subj /CN=root");
    sign("server", "DNS:tp.example.net,IP:127.0.0.1");
    sign("second", "DNS:second.example.net");
    sign("proxy", "DNS:edge.example.net,IP:127.0.0.1");
    sign("alice", "URI:tel:+12015550123,URI:sip:alice@users.example.net,URI:https://alice.example.net");
    sign("callee", "DNS:localhost");
    run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout self.key -out self.pem -days 2 "
        "-subj /CN=edge.example.net");
  }
  ~Certificates() { std::filesystem::remove_all(folder_); }
  Certificates(const Certificates&) = delete;
  Certificates& operator=(const Certificates&) = delete;

  std::string file(const std::string& name) const { return (folder_ / name).string(); }
  /// Whether a certificate for these names, with its own name as the common one, is that of the domain.
  bool proves(const std::string& name, const std::string& names, const std::string& domain) const {
    sign(name, names);
    const auto made = read(name);
    return made && proves_domain(made.get(), domain);
  }
  /// One that says what no tool would let it say. The names are of any octets.
  struct Names {
    std::vector<std::string> common{};
    std::vector<std::string> dns{};
    std::vector<std::string> uris{};
    std::vector<std::string> mail{};
  };
  using CertificateHandle = std::unique_ptr<X509, decltype(&X509_free)>;
  CertificateHandle forge(const std::string& name, const Names& names) const {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    CertificateHandle made(X509_new(), X509_free);
    X509_set_version(made.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 77);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
    for (const std::string& one : names.common) {
      X509_NAME_add_entry_by_NID(X509_get_subject_name(made.get()), NID_commonName, V_ASN1_UTF8STRING,
                                 reinterpret_cast<const unsigned char*>(one.data()), static_cast<int>(one.size()), -1,
                                 0);
    }
    add_alternatives(*made, names);
    X509_set_pubkey(made.get(), key.get());
    const auto root = read("root");
    X509_set_issuer_name(made.get(), X509_get_subject_name(root.get()));
    const Bio root_key = open("root.key", "r");
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> signer(
        PEM_read_bio_PrivateKey(root_key.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
    X509_sign(made.get(), signer.get(), EVP_sha256());
    PEM_write_bio_X509(open(name + ".pem", "w").get(), made.get());
    PEM_write_bio_PrivateKey(open(name + ".key", "w").get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    return made;
  }
  TlsSettings::Certificate pair(const std::string& name) const { return {file(name + ".pem"), file(name + ".key")}; }

 private:
  using Bio = std::unique_ptr<BIO, decltype(&BIO_free_all)>;
  Bio open(const std::string& name, const char* mode) const {
    return {BIO_new_file(file(name).c_str(), mode), BIO_free_all};
  }
  CertificateHandle read(const std::string& name) const {
    return {PEM_read_bio_X509(open(name + ".pem", "r").get(), nullptr, nullptr, nullptr), X509_free};
  }
  static void add_alternatives(X509& certificate, const Names& names) {
    if (names.dns.empty() && names.uris.empty() && names.mail.empty()) return;
    const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> all(sk_GENERAL_NAME_new_null(),
                                                                            GENERAL_NAMES_free);
    const auto add = [&all](int type, const std::vector<std::string>& texts) {
      for (const std::string& text : texts) {
        ASN1_IA5STRING* value = ASN1_IA5STRING_new();
        ASN1_STRING_set(value, text.data(), static_cast<int>(text.size()));
        GENERAL_NAME* one = GENERAL_NAME_new();
        GENERAL_NAME_set0_value(one, type, value);
        sk_GENERAL_NAME_push(all.get(), one);
      }
    };
    add(GEN_DNS, names.dns);
    add(GEN_URI, names.uris);
    add(GEN_EMAIL, names.mail);
    X509_add1_ext_i2d(&certificate, NID_subject_alt_name, all.get(), 0, X509V3_ADD_DEFAULT);
  }
  void run(const std::string& command) const {
    const std::string all = "cd '" + folder_.string() + "' && (" + command + ") >/dev/null 2>&1";
    if (std::system(all.c_str()) != 0) throw std::runtime_error(command);
  }
  void sign(const std::string& name, const std::string& names) const {
    std::ofstream(file(name + ".ext")) << (names.empty() ? "" : "subjectAltName=" + names) << "\n";
    run("openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout " + name + ".key -out " + name +
        ".csr -subj /CN=" + name + " && openssl x509 -req -in " + name +
        ".csr -CA root.pem -CAkey root.key -days 2 "
        "-CAcreateserial -extfile " +
        name + ".ext -out " + name + ".pem");
  }
  std::filesystem::path folder_;
};

inline const Certificates& certificates() {
  static const Certificates made;
  return made;
}

/// A client, or with `listen()` somebody who can be called back.
class TlsPeer {
 public:
  explicit TlsPeer(Harness& harness, const std::string& certificate = "", int version = 0)
      : harness_(harness), context_(boost::asio::ssl::context::tls), acceptor_(harness.io) {
    context_.load_verify_file(certificates().file("root.pem"));
    if (!certificate.empty()) {
      context_.use_certificate_chain_file(certificates().file(certificate + ".pem"));
      context_.use_private_key_file(certificates().file(certificate + ".key"), boost::asio::ssl::context::pem);
    }
    if (version != 0) SSL_CTX_set_max_proto_version(context_.native_handle(), version);
  }
  ~TlsPeer() {
    *alive_ = false;
    if (stream_) drop();
  }
  TlsPeer(const TlsPeer&) = delete;
  TlsPeer& operator=(const TlsPeer&) = delete;

  bool connect(const std::string& server_name = "tp.example.net") {
    std::string uri;
    for (const std::string& one : harness_.agent->bound()) {
      if (one.find("transport=tls") != std::string::npos) uri = one;
    }
    const bool ipv6 = uri.find('[') != std::string::npos;
    const auto port = static_cast<std::uint16_t>(std::atoi(uri.c_str() + uri.rfind(':') + 1));
    stream_ = std::make_shared<Stream>(harness_.io, context_);
    stream_->next_layer().connect({boost::asio::ip::make_address(ipv6 ? "::1" : "127.0.0.1"), port});
    SSL_set_tlsext_host_name(stream_->native_handle(), server_name.c_str());
    stream_->set_verify_mode(boost::asio::ssl::verify_peer);
    return shake(Stream::client);
  }
  void listen() {
    acceptor_ = boost::asio::ip::tcp::acceptor(harness_.io, {boost::asio::ip::make_address("127.0.0.1"), 0});
    accept();
  }
  void stop() { acceptor_.close(); }
  /// Takes one more connection, instead of the one that there is.
  void accept() {
    acceptor_.async_accept(
        [this, alive = alive_](const boost::system::error_code& error, boost::asio::ip::tcp::socket socket) {
          if (error || !*alive) return;
          ++accepted;
          stream_ = std::make_shared<Stream>(std::move(socket), context_);
          stream_->async_handshake(Stream::server, [this, alive](const boost::system::error_code& failed) {
            if (*alive && !failed) read();
          });
        });
  }
  std::string host() const { return "127.0.0.1:" + std::to_string(port()); }
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  /// The name that the connecting end asked for (SNI), or "".
  std::string asked_for() const {
    const char* name = SSL_get_servername(stream_->native_handle(), TLSEXT_NAMETYPE_host_name);
    return name == nullptr ? "" : name;
  }
  void send(const std::string& text) {
    boost::system::error_code ignored;
    boost::asio::write(*stream_, boost::asio::buffer(text), ignored);
  }
  void end_sending() {
    boost::system::error_code ignored;
    stream_->next_layer().shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
  }
  void drop() {
    boost::system::error_code ignored;
    stream_->next_layer().close(ignored);
  }
  Message answer() {
    Message one;
    do {
      if (!harness_.until([this] { return !inbox.empty(); })) {
        ADD_FAILURE() << "no message came";
        return {};
      }
      one = inbox.front();
      inbox.pop_front();
    } while (one.status() == 100);
    return one;
  }
  std::string request(const std::string& method, const std::string& call, unsigned cseq, const std::string& to_tag = "",
                      const std::string& extra = "", const std::string& body = "",
                      const std::string& uri = "sip:conf-1@tp.example.net") {
    std::string text = method + " " + uri + " SIP/2.0\r\nVia: SIP/2.0/TLS ue.example.net;branch=z9hG4bK" + call +
                       std::to_string(++branch_) + "\r\nMax-Forwards: 70\r\nFrom: <sip:alice@example.net>;tag=f\r\n" +
                       "To: <sip:conf@h>" + (to_tag.empty() ? "" : ";tag=" + to_tag) + "\r\nCall-ID: " + call +
                       "\r\nCSeq: " + std::to_string(cseq) + " " + method + "\r\n";
    if (extra.find("Contact:") == std::string::npos) text += "Contact: <sip:alice@ue.example.net;transport=tls>\r\n";
    return text + extra + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  const SSL* native() { return stream_->native_handle(); }
  bool closed() const { return closed_; }

  std::deque<Message> inbox;
  std::size_t accepted = 0;

 private:
  using Stream = boost::asio::ssl::stream<boost::asio::ip::tcp::socket>;
  bool shake(Stream::handshake_type type) {
    bool done = false;
    bool good = false;
    stream_->async_handshake(type, [&, alive = alive_](const boost::system::error_code& error) {
      done = true;
      good = !error;
    });
    EXPECT_TRUE(harness_.until([&done] { return done; }));
    if (good) read();
    return good;
  }
  void read() {
    stream_->async_read_some(
        boost::asio::buffer(chunk_),
        [this, alive = alive_, stream = stream_](const boost::system::error_code& error, std::size_t size) {
          if (!*alive || stream != stream_) return;
          if (error) {
            closed_ = true;
            return;
          }
          buffer_.append(chunk_.data(), size);
          for (;;) {
            while (buffer_.rfind("\r\n", 0) == 0) buffer_.erase(0, 2);  // answers to keep-alives
            const std::size_t end = buffer_.find("\r\n\r\n");
            if (end == std::string::npos) break;
            const Message head = Message::parse(buffer_.substr(0, end + 4));
            const std::size_t all = end + 4 + std::strtoul(head.header("Content-Length").c_str(), nullptr, 10);
            if (buffer_.size() < all) break;
            inbox.push_back(Message::parse(buffer_.substr(0, all)));
            buffer_.erase(0, all);
          }
          read();
        });
  }

  Harness& harness_;
  boost::asio::ssl::context context_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::shared_ptr<Stream> stream_;
  std::array<char, 16384> chunk_{};
  std::string buffer_;
  bool closed_ = false;
  unsigned branch_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace clued::sip::test
