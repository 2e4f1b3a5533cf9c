// The six messages of RFC 8847 section 5, read into values.
#pragma once

#include "clue/codec_reader.hpp"
#include "clue/messages.hpp"

namespace clued::clue::codec {

/// True for the root elements that are messages.
constexpr bool is_message(Tag tag) noexcept { return tag >= Tag::options && tag <= Tag::configure_response; }

/// Reads the message whose root element this is, which must be a message's. What is returned means nothing when the
/// reader has failed.
Message read_message(Reader& reader, Tag tag, xml::Element root);

}  // namespace clued::clue::codec
