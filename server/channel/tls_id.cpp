#include "channel/tls_id.hpp"

#include <openssl/rand.h>

#include <array>
#include <stdexcept>
#include <string_view>

namespace clued::channel {

std::string make_tls_id() {
  constexpr std::size_t kLength = 24;  // of 6 bits each: 144
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::array<unsigned char, kLength> random{};
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) throw std::runtime_error("no randomness");
  std::string id;
  for (const unsigned char octet : random) id += kAlphabet[octet % kAlphabet.size()];
  return id;
}

}  // namespace clued::channel
