using System.Runtime.CompilerServices;

namespace MLNet.FineTune.Runtime;

/// <summary>Checks of options, with a message that names the option, what was found and what is expected.</summary>
internal static class OptionRange
{
    /// <summary>No encoder is that wide, and a damaged file must not make us allocate more.</summary>
    public const int MaxRank = 1 << 16;

    public static void Rank(string method, int value, int least = 1, [CallerArgumentExpression(nameof(value))] string option = "") =>
        Require(value >= least && value <= MaxRank, method, option, value, $"{least} to {MaxRank}");

    public static void Positive(string method, double value, [CallerArgumentExpression(nameof(value))] string option = "") =>
        Require(double.IsFinite(value) && value > 0, method, option, value, "a number above 0");

    /// <summary>From 0 to below 1.</summary>
    public static void Share(string method, double value, [CallerArgumentExpression(nameof(value))] string option = "") =>
        Require(value >= 0 && value < 1, method, option, value, "at least 0 and below 1");

    public static void Defined<T>(string method, T value, [CallerArgumentExpression(nameof(value))] string option = "") where T : struct, Enum =>
        Require(Enum.IsDefined(value), method, option, value, string.Join(", ", Enum.GetNames<T>()));

    /// <param name="valid">Whether the value may stand.</param>
    /// <param name="method">The type that has the option.</param>
    /// <param name="option">The option.</param>
    /// <param name="found">Its value.</param>
    /// <param name="expected">What it may be.</param>
    /// <param name="parameter">What the exception names as parameter, and its message at the end; null for nothing.</param>
    /// <exception cref="ArgumentException">The value is not valid.</exception>
    public static void Require(bool valid, string method, string option, object? found, string expected, string? parameter = null)
    {
        if (!valid)
            throw new ArgumentException(FormattableString.Invariant($"{method}.{option} is {found ?? "null"}; expected {expected}."), parameter);
    }
}
