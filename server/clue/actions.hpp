// What one end of a CLUE channel tells its owner to do or to know.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "clue/messages.hpp"

namespace clued::clue {

/// What the owner has to do or to know, in order.
namespace action {
struct Transmit {  ///< put these bytes on the channel as one message
  std::string bytes;
  const char* message_name;
  std::uint32_t sequence;
};
struct BecameActive {  ///< OPTIONS phase success
  Version version;
  bool provides;  ///< we are Media Provider on this channel: own mediaProvider and the peer's mediaConsumer (CP-22)
  bool consumes;  ///< we are Media Consumer on this channel
};
/// Valid; the owner answers with accept_advertisement or reject_advertisement, now or later.
struct AdvertisementReceived {
  std::shared_ptr<const Advertisement> advertisement;
};
struct AdvertisementRejected {  ///< as consumer: the peer's was answered with this; what it said before stays
  std::uint32_t sequence;
  ResponseCode code;
  std::string reason;
};
struct AdvertisementWithheld {  ///< as provider: it is longer than what the peer accepts as one message; nothing was
                                ///< sent
  std::size_t bytes;
};
struct AdvertisementAcknowledged {  ///< by ack or configure+ack
  std::uint32_t sequence;
};
struct AdvertisementRefused {  ///< NACK; the machine tries again by itself up to its limit, then says `gave_up`
  std::uint32_t sequence;
  ResponseCode code;
  std::string reason;
  bool gave_up;
};
struct Configured {  ///< as provider: the peer's configure was answered with 200 and is in force now
  std::vector<CaptureEncoding> encodings;
};
struct ConfigureRefused {  ///< as provider: the peer's configure was answered with this; the one before stays in force
  ResponseCode code;
  std::string reason;
};
struct ConfigureReduced {  ///< as consumer: what was wanted is more than the peer accepts in one message
  std::size_t left_out;
};
struct ConfigureAnswered {  ///< as consumer: response to our configure
  ResponseCode code;
};
struct GuardExpired {  ///< a state without RFC timer lasted too long (CP-21): to be logged
  const char* state;
};
struct Ignored {  ///< a message that was not processed and why: to be logged
  std::string reason;
};
struct Failed {  ///< the machine is IDLE: the channel is of no use any more; the call goes on without (CP-08)
  std::string reason;
};
}  // namespace action

using Action =
    std::variant<action::Transmit, action::BecameActive, action::AdvertisementReceived, action::AdvertisementRejected,
                 action::AdvertisementWithheld, action::AdvertisementAcknowledged, action::AdvertisementRefused,
                 action::Configured, action::ConfigureRefused, action::ConfigureReduced, action::ConfigureAnswered,
                 action::GuardExpired, action::Ignored, action::Failed>;
using Actions = std::vector<Action>;

/// The peer answered something that we had asked it and that was not answered yet.
inline bool is_answer(const Action& action) {
  return std::holds_alternative<action::BecameActive>(action) ||
         std::holds_alternative<action::AdvertisementAcknowledged>(action) ||
         std::holds_alternative<action::AdvertisementRefused>(action) ||
         std::holds_alternative<action::ConfigureAnswered>(action);
}

}  // namespace clued::clue
