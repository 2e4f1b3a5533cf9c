// Ids that cross the borders between folders. An id names an object for its whole life and is never used again.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace clued::base {

/// A number that names one kind of object; ids of different kinds do not mix. 0 names nothing.
template <class Tag>
class Id {
 public:
  constexpr Id() = default;
  constexpr explicit Id(std::uint64_t value) : value_(value) {}
  constexpr std::uint64_t value() const noexcept { return value_; }
  constexpr explicit operator bool() const noexcept { return value_ != 0; }
  constexpr auto operator<=>(const Id&) const = default;

 private:
  std::uint64_t value_ = 0;
};

/// Hands out the ids 1, 2, 3, ... of one kind.
template <class IdType>
class IdSequence {
 public:
  IdType next() noexcept { return IdType{++last_}; }

 private:
  std::uint64_t last_ = 0;
};

using ConferenceId = Id<struct ConferenceTag>;
using ParticipantId = Id<struct ParticipantTag>;
using DialogId = Id<struct DialogTag>;              ///< a SIP dialog, from its first INVITE on (assigned by sip/)
using RequestId = Id<struct RequestTag>;            ///< a received SIP request that is owed an answer (assigned by sip/)
using SubscriptionId = Id<struct SubscriptionTag>;  ///< an event subscription, implicit ones included (assigned by sip/)
using ChannelId = Id<struct ChannelTag>;            ///< a CLUE channel (assigned by focus/)
using PortId = Id<struct PortTag>;                  ///< an RTP/RTCP port pair (assigned by focus/)
using OperationId = Id<struct OperationTag>;        ///< one operator-visible story: a removal from REFER to its last NOTIFY

}  // namespace clued::base

template <class Tag>
struct std::hash<clued::base::Id<Tag>> {
  std::size_t operator()(clued::base::Id<Tag> id) const noexcept { return std::hash<std::uint64_t>{}(id.value()); }
};
