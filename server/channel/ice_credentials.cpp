#include "channel/ice_credentials.hpp"

#include <openssl/rand.h>

#include <stdexcept>
#include <string_view>

namespace clued::channel {

std::string random_ice_characters(std::size_t count) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string characters(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(characters.data()), static_cast<int>(count)) != 1) {
    throw std::runtime_error("no randomness");
  }
  for (char& one : characters) one = kAlphabet[static_cast<unsigned char>(one) % kAlphabet.size()];
  return characters;
}

}  // namespace clued::channel
