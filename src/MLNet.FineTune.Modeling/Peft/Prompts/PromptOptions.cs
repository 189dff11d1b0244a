namespace MLNet.FineTune.Peft;

/// <summary>Checks that the options of prompts and prefixes share.</summary>
internal static class PromptOptions
{
    /// <summary>No encoder takes texts that long, and a damaged file must not make us allocate more.</summary>
    private const int MaxLength = 1 << 13;

    /// <summary>Widths of networks beyond any use.</summary>
    private const int MaxWidth = 1 << 14;

    /// <exception cref="ArgumentException">The length is out of range.</exception>
    public static void CheckLength(string method, string option, int value) => CheckWhole(method, option, value, MaxLength);

    /// <exception cref="ArgumentException">The width is out of range.</exception>
    public static void CheckWidth(string method, string option, int value) => CheckWhole(method, option, value, MaxWidth);

    /// <exception cref="ArgumentException">The number is not 1 to <paramref name="most"/>.</exception>
    public static void CheckWhole(string method, string option, int value, int most)
    {
        OptionRange.Require(value >= 1 && value <= most, method, option, value, $"1 to {most}");
    }

    /// <summary>Checks that a prompt leaves room for a text.</summary>
    /// <exception cref="ArgumentException">It does not.</exception>
    public static void CheckRoom(string method, string option, int value, PeftContext context)
    {
        int longest = context.Encoder.Config.MaxLength;
        if (value >= longest)
            throw new ArgumentException($"{method}.{option} is {value}, which leaves none of the {longest} tokens that the encoder takes for the text; expected less.");
    }
}
