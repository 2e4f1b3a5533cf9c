// What the operator decides about SIP, as sip::Agent takes it. Agent::reload() takes over all of it but what is bound
// or handed to the library at the start: listen, t1x64, t4, lookup, idle_connection, max_proceeding, max_message_size,
// udp_mtu and udp_receive_buffer.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "focus/address.hpp"
#include "sip/resolver.hpp"

namespace clued::sip {

/// One address to listen on. With port 0 the kernel chooses one, the same for UDP and TCP.
struct Listener {
  std::string address;  ///< IPv4, or IPv6 without brackets
  std::uint16_t port = 5060;
  bool udp = true;
  bool tcp = true;
  std::string advertise{};  ///< host in our Contact and Via instead of `address`, behind a NAT that keeps the port
  bool tls = false;
  std::uint16_t tls_port = 5061;  ///< 0: the kernel chooses one
};

enum class DigestAlgorithm { sha256, md5 };

/// Somebody with a password (RFC 7616). Only the hashes are known; one that is "" cannot be used.
struct AuthUser {
  std::string name;
  std::string a1_sha256;        ///< H(name:realm:password), hexadecimal in lower case
  std::string a1_md5;           ///< the same for old clients
  focus::NameAddress identity;  ///< who that is for the conference
};

struct AuthSettings {
  /// Whether requests that begin something need a password. Trusted peers vouch for theirs and are never asked.
  enum class Require { never, untrusted };
  Require require = Require::never;
  std::string realm = "clued";
  std::vector<DigestAlgorithm> algorithms = {DigestAlgorithm::sha256, DigestAlgorithm::md5};  ///< the best first
  std::chrono::seconds nonce_lifetime = std::chrono::minutes(5);
  std::vector<AuthUser> users;
};

/// SIP over TLS (RFC 3261 section 26.2, RFC 5922). All files are PEM.
struct TlsSettings {
  struct Certificate {
    std::string chain;  ///< file with our certificate and those that lead to the root
    std::string key;    ///< file with its private key
  };
  enum class Clients { off, request, require };
  enum class Version { v1_2, v1_3 };

  std::vector<Certificate> certificates;  ///< the first is the default, others are chosen by SNI
  std::string authorities;                ///< file with those who vouch for peers; "": the system's
  Clients client_certificates = Clients::off;
  Version least_version = Version::v1_2;
  bool verify_servers = true;  ///< of the connections that we open
  std::chrono::milliseconds handshake_timeout = std::chrono::seconds(10);
  std::size_t max_connections = 10'000;
  std::size_t max_connections_per_source = 1'000;
};

/// What trusted peers are told for charging (TS 24.229; RFC 7315). "" leaves the parameter or header out.
struct ImsSettings {
  std::string orig_ioi;                     ///< operator identifier in requests that begin a session
  std::string term_ioi;                     ///< the same in responses
  std::string charging_function_addresses;  ///< value of P-Charging-Function-Addresses
  std::string service{};                    ///< ICSI of the service that the focus is part of
};

struct Settings {
  std::vector<Listener> listen;
  AuthSettings auth;
  TlsSettings tls;
  ImsSettings ims;
  std::string domain;  ///< host (and port) of our Contacts; "": address and port of the transport in use
  std::vector<std::string>
      trusted_peers;  ///< "192.0.2.1", "192.0.2.1:5060" or "2001:db8::/32": whose P-Asserted-Identity counts (RFC 3325)
  std::vector<std::string> trusted_certificates;  ///< names in verified certificates of peers that are trusted likewise
  std::string server_name = "clued";              ///< the Server header

  /// Where calls of ours go first: "192.0.2.1:5060" or a host name, with ";transport=tcp" if not UDP; "": to the
  /// target.
  std::string outbound_proxy;

  std::chrono::milliseconds t1x64 = std::chrono::seconds(32);  ///< RFC 3261 timers B, F and H
  std::chrono::milliseconds t4 = std::chrono::seconds(5);      ///< RFC 3261: how long messages linger in the network

  /// A re-INVITE of ours without a final response is withdrawn after this time: no timer of RFC 3261 ends one that has
  /// a provisional response (section 17.1.1.2), and meanwhile neither side can offer anything.
  std::chrono::milliseconds reinvite_wait = std::chrono::minutes(1);

  std::chrono::seconds min_session_expires{90};  ///< shorter ones get 422 (RFC 4028 section 4: not below 90)

  std::chrono::milliseconds idle_connection = std::chrono::minutes(10);  ///< a TCP connection that no dialog uses
  std::chrono::seconds refer_expires = std::chrono::minutes(3);  ///< of a REFER's subscription; a call rings that long

  std::size_t max_dialogs = 20'000;  ///< more INVITEs and REFERs get 503
  /// Unanswered requests; more get 503. It is above what participants there can be, whose shares the core keeps apart.
  std::size_t max_proceeding = 6'000;
  /// Messages that one source may send in a second, and at once, trusted peers aside. What is more is dropped. 0: no
  /// limit. Somebody who calls notices nothing of it, and a proxy that nobody has named as trusted has its conference
  /// of a thousand refreshed.
  unsigned max_rate_per_source = 500;
  unsigned max_burst_per_source = 5000;
  std::size_t max_connections_per_source = 1'000;  ///< by TCP, trusted peers aside; more are closed
  std::size_t max_message_size = 256 * 1024;       ///< longer requests get 413
  unsigned udp_mtu = 1300;                         ///< longer requests go by TCP first (RFC 3261 section 18.1.1)
  unsigned udp_receive_buffer = 8U << 20U;         ///< bytes; it is the first limit of a fan-out (hosting.md)

  LookupSettings lookup;  ///< of the names of those that requests go to

  /// The library keeps unanswered client transactions in a sorted list, so their number is kept small.
  std::size_t max_unanswered = 1000;
  std::size_t requests_per_turn = 32;  ///< then other handlers of the loop have a turn
  std::chrono::milliseconds unanswered_hold = std::chrono::milliseconds(500);  ///< then a request counts no more
};

}  // namespace clued::sip
