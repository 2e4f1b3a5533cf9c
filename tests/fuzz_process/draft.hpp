// A SIP message that is being written, and headers that make one odd.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "fuzz_process/bodies.hpp"
#include "fuzz_process/random.hpp"

namespace clued::fuzz {

struct Draft {
  std::string start;  ///< the start line
  std::vector<std::pair<std::string, std::string>> headers;
  Body body;

  void add(std::string name, std::string value) { headers.emplace_back(std::move(name), std::move(value)); }
  /// As RFC 3261 writes it.
  std::string text() const;
  /// In one of its other spellings: compact names, folded lines, other cases and orders, a Content-Length that is not
  /// there or wrong.
  std::string odd_text(Random& random) const;
};

/// What the world of the fuzzer looks like in URIs and headers.
struct Places {
  std::uint16_t daemon = 0;              ///< its UDP and TCP port
  std::vector<std::uint16_t> own;        ///< our UDP ports
  std::uint16_t listener = 0;            ///< where we take TCP
  std::uint16_t tls_listener = 0;        ///< and TLS
  bool names = false;                    ///< whether hosts may be names, all of them under .invalid
  std::vector<std::string> users;        ///< URIs of those who may be in conferences
  std::vector<std::string> dialogs;      ///< "call-id;to-tag=...;from-tag=..." as Replaces and Target-Dialog have it
  std::vector<std::string> conferences;  ///< URIs
};

/// 127.0.0.1 with a port of ours, the daemon's or somebody else's.
std::string some_host(Random& random, const Places& places);
std::string some_contact(Random& random, const Places& places, const std::string& user);
/// A Route or Record-Route.
std::string some_route(Random& random, const Places& places);
std::string some_refer_to(Random& random, const Places& places, std::uint64_t number);

/// Headers that extensions know.
void add_extensions(Random& random, const Places& places, Draft& draft);
/// Routes and Vias as no honest network makes them.
void add_odd_path(Random& random, const Places& places, Draft& draft);

}  // namespace clued::fuzz
