// A participant that stays within every limit and costs as much as it can: the largest message of each type that is
// still legal, filled in each way that a reader could be slow with.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "clue/messages.hpp"

namespace clued::bench {

/// What pads a message to its largest size.
enum class Filler { none, text, elements, attributes, namespaces, comments, entities, lines };
inline constexpr Filler fillers[] = {Filler::text,     Filler::elements, Filler::attributes, Filler::namespaces,
                                     Filler::comments, Filler::entities, Filler::lines};

class HostilePeer {
 public:
  /// It goes on where the well-behaved endpoint stops whose messages these are.
  void note_sent(std::string_view message);
  void note_received(std::string_view message);
  /// From now on it speaks itself.
  void speak() { speaks_ = true; }
  bool speaks() const noexcept { return speaks_; }
  /// The answers to what was received since and has to be answered.
  std::vector<std::string> take_messages();

  // Each is numbered as the next of its stream.
  std::string options(Filler filler) const;
  std::string options_response(Filler filler) const;
  std::string ack(Filler filler);
  std::string configure(Filler filler);
  std::string configure_response(Filler filler);
  std::string advertisement(const clue::AdvertisementContent& content, Filler filler);

 private:
  std::string numbered(clue::Message message, Filler filler, std::uint32_t& number) const;

  std::uint32_t provider_number_ = 0;
  std::uint32_t consumer_number_ = 0;
  std::uint32_t told_number_ = 0;
  std::string clue_id_;
  bool speaks_ = false;
  bool owes_ack_ = false;
  std::vector<std::uint32_t> owed_responses_;  ///< to these configures
};

/// Captures of one room: few, as everybody has them; or as many of everything as may be told.
clue::AdvertisementContent small_room(unsigned version);
clue::AdvertisementContent large_room(unsigned version);
/// The most ids in the groups of the most captures, which is what choosing an encoding for each is slow with.
clue::AdvertisementContent many_encodings(unsigned version, std::size_t captures, std::size_t ids);

}  // namespace clued::bench
