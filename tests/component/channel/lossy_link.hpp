#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <string>

#include "channel/bytes.hpp"

namespace clued::channel::test {

/// One direction of a network that loses, reorders and delays datagrams, the same way in every run.
class LossyLink {
 public:
  LossyLink(unsigned percent_lost, unsigned percent_reordered, std::uint32_t seed,
            std::chrono::milliseconds delay = std::chrono::milliseconds(0))
      : percent_lost_(percent_lost), percent_reordered_(percent_reordered), delay_(delay), random_(seed) {}

  void put(Bytes datagram) {
    ++sent_;
    if (outage_ || random_() % 100 < percent_lost_) {
      ++lost_;
      return;
    }
    const bool first = !under_way_.empty() && random_() % 100 < percent_reordered_;
    under_way_.insert(first ? under_way_.begin() : under_way_.end(), {std::string(text_of(datagram)), now_ + delay_});
  }

  void lose_everything(bool outage) { outage_ = outage; }
  /// Time passes for what is under way.
  void pass(std::chrono::milliseconds time) { now_ += time; }

  /// The next one that has arrived.
  std::optional<std::string> take() {
    if (empty()) return std::nullopt;
    std::string datagram = std::move(under_way_.front().text);
    under_way_.pop_front();
    return datagram;
  }

  /// Nothing has arrived.
  bool empty() const noexcept { return under_way_.empty() || under_way_.front().arrival > now_; }
  std::size_t sent() const noexcept { return sent_; }
  std::size_t lost() const noexcept { return lost_; }

 private:
  struct Datagram {
    std::string text;
    std::chrono::milliseconds arrival;
  };

  unsigned percent_lost_;
  unsigned percent_reordered_;
  std::chrono::milliseconds delay_;
  std::chrono::milliseconds now_{0};
  bool outage_ = false;
  std::mt19937 random_;
  std::deque<Datagram> under_way_;
  std::size_t sent_ = 0;
  std::size_t lost_ = 0;
};

}  // namespace clued::channel::test
