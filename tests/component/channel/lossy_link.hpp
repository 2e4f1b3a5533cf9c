#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <string>

#include "channel/bytes.hpp"

namespace clued::channel::test {

/// One direction of a network that loses and reorders datagrams, the same way in every run.
class LossyLink {
 public:
  LossyLink(unsigned percent_lost, unsigned percent_reordered, std::uint32_t seed)
      : percent_lost_(percent_lost), percent_reordered_(percent_reordered), random_(seed) {}

  void put(Bytes datagram) {
    ++sent_;
    if (random_() % 100 < percent_lost_) {
      ++lost_;
      return;
    }
    const bool first = !under_way_.empty() && random_() % 100 < percent_reordered_;
    under_way_.emplace(first ? under_way_.begin() : under_way_.end(), text_of(datagram));
  }

  std::optional<std::string> take() {
    if (under_way_.empty()) return std::nullopt;
    std::string datagram = std::move(under_way_.front());
    under_way_.pop_front();
    return datagram;
  }

  bool empty() const noexcept { return under_way_.empty(); }
  std::size_t sent() const noexcept { return sent_; }
  std::size_t lost() const noexcept { return lost_; }

 private:
  unsigned percent_lost_;
  unsigned percent_reordered_;
  std::mt19937 random_;
  std::deque<std::string> under_way_;
  std::size_t sent_ = 0;
  std::size_t lost_ = 0;
};

}  // namespace clued::channel::test
