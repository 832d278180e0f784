namespace OrdersActors.FrontEnd.Connections;

/// <summary>
/// Checks UTF-8 piece by piece (RFC 3629, section 4), so that a message is refused at its first byte that cannot be right, and not when
/// all of it has come.
/// </summary>
internal struct Utf8Validator
{
    // The bytes that the current character still needs, and the range of the next one: it is narrower for the second byte of some
    // characters, which excludes overlong forms, surrogates and what is beyond U+10FFFF.
    private int _needed;
    private byte _least;
    private byte _most;

    /// <summary>Whether everything so far ends with a whole character.</summary>
    public readonly bool IsComplete => _needed == 0;

    /// <summary>Checks the next piece. False if no continuation can make it valid.</summary>
    public bool TryAdd(ReadOnlySpan<byte> piece)
    {
        foreach (var b in piece)
        {
            if (_needed == 0 ? !TryBegin(b) : !TryContinue(b))
            {
                return false;
            }
        }

        return true;
    }

    private bool TryBegin(byte b)
    {
        (_needed, _least, _most) = b switch
        {
            < 0x80 => (0, (byte)0, (byte)0),
            >= 0xC2 and <= 0xDF => (1, (byte)0x80, (byte)0xBF),
            0xE0 => (2, (byte)0xA0, (byte)0xBF),
            0xED => (2, (byte)0x80, (byte)0x9F),
            >= 0xE1 and <= 0xEF => (2, (byte)0x80, (byte)0xBF),
            0xF0 => (3, (byte)0x90, (byte)0xBF),
            >= 0xF1 and <= 0xF3 => (3, (byte)0x80, (byte)0xBF),
            0xF4 => (3, (byte)0x80, (byte)0x8F),
            _ => (-1, (byte)0, (byte)0),
        };
        return _needed >= 0;
    }

    private bool TryContinue(byte b)
    {
        if (b < _least || b > _most)
        {
            return false;
        }

        _needed--;
        (_least, _most) = (0x80, 0xBF);
        return true;
    }
}
