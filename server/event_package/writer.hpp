// Writing conference-info (RFC 4575 section 5) as XML, piece by piece: whoever renders a user once can put the result
// into many documents. Whatever the values contain, the pieces are well-formed and valid against the RFC's schema.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "event_package/conference_info.hpp"

namespace clued::event_package {

/// Texts that peers chose are cut here, at the end of a character: one participant must not fill everybody's document.
inline constexpr std::size_t max_text_bytes = 256;

enum class DocumentState { full, partial, deleted };

/// The XML declaration and the start tag of a document; `entity` is the conference URI.
std::string document_start(std::string_view entity, DocumentState state, std::uint32_t version);
inline constexpr std::string_view document_end = "</conference-info>";

/// conference-description with `entity` as the URI to join by, and host-info if there is something to say in it.
std::string render(const Description& description, std::string_view entity);
std::string render(const ConferenceState& state);
/// A user in full: what was known of it before counts no more (section 4.4).
std::string render(const User& user);
/// The user is not in the conference any more: the element is empty (section 4.4).
std::string render_deleted_user(std::string_view entity);

/// xs:dateTime in UTC: "2026-01-02T03:04:05Z".
std::string to_string(DateTime moment);

}  // namespace clued::event_package
