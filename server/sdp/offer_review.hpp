// What a peer's offer means, m-line by m-line, before anything is answered.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/expected.hpp"
#include "sdp/data_channel.hpp"
#include "sdp/slots.hpp"

namespace clued::sdp {

/// Why an offer cannot be answered: 488 for the INVITE (or 400 when the offer breaks RFC 3264, e.g. fewer m-lines), 580
/// for preconditions that nobody can meet.
struct OfferError {
  /// What of the offer it is, as a Warning tells it (RFC 3261 section 20.43).
  enum class Cause { other, address, transport, media_type, format };

  int sip_status = 488;
  std::string reason;
  std::string description{};  ///< the body of a 580, which says what failed
  Cause cause = Cause::other;
};

struct ReviewedLine {
  Slot slot;  ///< as our answer will have it, but for a port or the channel
  bool needs_port = false;
  bool only_with_channel = false;   ///< a new CLUE-controlled m-line: disabled when the CLUE channel is not answered
  std::vector<Attribute> failures;  ///< of its preconditions: the offer is to be refused
};

struct Review {
  std::vector<ReviewedLine> lines;
  IpFamily family = IpFamily::v4;
  std::string timing;
  bool clue_offered = false;
  std::optional<DataChannel> peer_channel;
  std::vector<std::string> clue_mids;  ///< of the offered CLUE group, in its order
  std::vector<std::string> remarks;
};

/// What an offer is judged by.
struct ReviewTerms {
  const State& before;  ///< the session so far; the offer's m-lines are matched with it by their index
  const LocalMedia& media;
  bool is_first = false;  ///< there is no session yet
  bool accept_clue = false;
  const std::set<std::string>* advertised = nullptr;  ///< as for OfferAnswer::receive_offer
  bool preconditions = false;                         ///< the peer said that it knows them
};

base::expected<Review, OfferError> review_offer(const SessionDescription& offer, const ReviewTerms& terms);

}  // namespace clued::sdp
