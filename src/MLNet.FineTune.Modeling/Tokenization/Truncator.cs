namespace MLNet.FineTune.Tokenization;

/// <summary>Decides how many tokens of each text are kept, and which.</summary>
internal static class Truncator
{
    /// <summary>Keep <paramref name="Head"/> tokens from the beginning and <paramref name="Tail"/> from the end; together at most all of them.</summary>
    public readonly record struct Kept(int Head, int Tail)
    {
        public int Count => Head + Tail;
    }

    /// <summary>What a text of <paramref name="length"/> tokens keeps when <paramref name="room"/> are allowed.</summary>
    public static Kept Keep(int length, int room, Truncation truncation)
    {
        if (length <= room)
            return new Kept(length, 0);
        return truncation switch
        {
            Truncation.LongestFirst or Truncation.Head => new Kept(room, 0),
            Truncation.Tail => new Kept(0, room),
            Truncation.HeadTail => new Kept((room + 3) / 4, room - (room + 3) / 4),
            _ => throw new ArgumentOutOfRangeException(nameof(truncation), truncation, "Expected LongestFirst, Head, Tail or HeadTail."),
        };
    }

    /// <summary>Shares <paramref name="room"/> between two texts as if tokens were taken one by one from the longer, from the second where equal.</summary>
    public static (int First, int Second) Share(int first, int second, int room)
    {
        if (first + second <= room)
            return (first, second);
        int half = room / 2;
        if (second <= half)
            return (room - second, second);
        int firstShare = room - half;
        // With equal lengths the second loses first, so the first keeps the odd token.
        return first <= firstShare ? (first, room - first) : (firstShare, half);
    }
}
