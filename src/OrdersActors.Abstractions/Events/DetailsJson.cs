using System.Buffers;
using System.Text;
using System.Text.Json;

namespace OrdersActors;

/// <summary>
/// The rules for <see cref="OrderStatusEvent.Details"/>, and their normal form: the publisher's text without the white
/// space between its tokens. Numbers, escapes, the order of names and repeated names stay as they were sent.
/// </summary>
internal static class DetailsJson
{
    private static readonly SearchValues<char> OutsideOfStrings = SearchValues.Create(" \t\r\n\"");
    private static readonly SearchValues<char> InStrings = SearchValues.Create("\"\\");
    private static readonly UTF8Encoding Strict =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    // One level more than allowed, so that the check below reports details that are too deep, not the reader.
    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = OrderEventRules.MaxDetailsDepth + 1 };

    /// <summary>Describes the rule that details break, or returns null.</summary>
    public static string? Problem(string details)
    {
        // Each UTF-16 code unit takes at least one byte of UTF-8.
        if (details.Length > OrderEventRules.MaxDetailsBytes)
        {
            return TooLong;
        }

        var utf8 = ArrayPool<byte>.Shared.Rent(Strict.GetMaxByteCount(details.Length));
        try
        {
            var length = Strict.GetBytes(details, utf8);
            return length > OrderEventRules.MaxDetailsBytes ? TooLong : Problem(utf8.AsSpan(0, length));
        }
        catch (EncoderFallbackException)
        {
            return NotUnicode;
        }
        catch (JsonException)
        {
            // The reader's own message quotes the input, which must not appear in logs.
            return "must be a JSON object, is not valid JSON";
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(utf8);
        }
    }

    /// <summary>
    /// Removes the white space between the tokens of valid JSON. Returns the same string if it has no such white space.
    /// </summary>
    public static string Compact(string json)
    {
        var at = NextSpace(json, 0);
        if (at < 0)
        {
            return json;
        }

        var compact = new StringBuilder(json.Length).Append(json, 0, at);
        while (at < json.Length)
        {
            var start = at + 1;
            at = NextSpace(json, start) is >= 0 and var next ? next : json.Length;
            compact.Append(json, start, at - start);
        }

        return compact.ToString();
    }

    private static string TooLong => $"must have at most {OrderEventRules.MaxDetailsBytes} bytes of UTF-8";

    private static string NotUnicode => "must be valid Unicode, has half of a surrogate pair";

    private static string? Problem(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, ReaderOptions);
        if (reader.Read() && reader.TokenType is not JsonTokenType.StartObject and var first)
        {
            // Invalid JSON is reported as invalid even if it begins with a value.
            reader.Skip();
            while (reader.Read())
            {
            }

            return $"must be a JSON object, is {Describe(first)}";
        }

        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray
                && reader.CurrentDepth >= OrderEventRules.MaxDetailsDepth)
            {
                return $"must nest at most {OrderEventRules.MaxDetailsDepth} levels";
            }

            if (reader.ValueIsEscaped && HasLoneSurrogate(reader.ValueSpan))
            {
                return NotUnicode;
            }
        }

        return null;
    }

    /// <summary>
    /// Whether the escapes of a string include half of a surrogate pair. The reader has already checked their syntax.
    /// </summary>
    private static bool HasLoneSurrogate(ReadOnlySpan<byte> text)
    {
        var isHighBefore = false;
        while (text.Length > 0)
        {
            var length = text[0] != '\\' ? 1 : text[1] == 'u' ? 6 : 2;
            var isHigh = length == 6 && text[2] is (byte)'d' or (byte)'D' && "89abAB"u8.Contains(text[3]);
            var isLow = length == 6 && text[2] is (byte)'d' or (byte)'D' && "cdefCDEF"u8.Contains(text[3]);
            if (isLow != isHighBefore)
            {
                return true;
            }

            isHighBefore = isHigh;
            text = text[length..];
        }

        return isHighBefore;
    }

    /// <summary>
    /// The index of the next white space outside of strings, or -1. The search must begin outside of a string.
    /// </summary>
    private static int NextSpace(string json, int start)
    {
        while (start < json.Length)
        {
            var found = json.AsSpan(start).IndexOfAny(OutsideOfStrings);
            if (found < 0)
            {
                return -1;
            }

            start += found;
            if (json[start] != '"')
            {
                return start;
            }

            start = EndOfString(json, start + 1);
        }

        return -1;
    }

    private static int EndOfString(string json, int start)
    {
        while (start < json.Length)
        {
            var found = json.AsSpan(start).IndexOfAny(InStrings);
            if (found < 0)
            {
                return json.Length;
            }

            start += found;
            if (json[start] == '"')
            {
                return start + 1;
            }

            start += 2;
        }

        return json.Length;
    }

    private static string Describe(JsonTokenType type) => type switch
    {
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.Null => "null",
        _ => "a boolean",
    };
}
