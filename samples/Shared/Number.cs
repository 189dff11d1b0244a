using System.CommandLine.Parsing;
using System.Globalization;

namespace Samples;

/// <summary>Reads numbers from the command line and says what is expected where they do not fit.</summary>
internal static class Number
{
    public static Func<ArgumentResult, int> AtLeast(int minimum) => result =>
        int.TryParse(Text(result), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= minimum
            ? number
            : Reject(result, $"a whole number of at least {minimum}", number);

    public static double? Positive(ArgumentResult result) =>
        double.TryParse(Text(result), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number > 0 && double.IsFinite(number)
            ? number
            : Reject(result, "a number above 0, such as 5e-5", number);

    private static string Text(ArgumentResult result) => result.Tokens[0].Value;

    private static T Reject<T>(ArgumentResult result, string expected, T number)
    {
        result.AddError($"{(result.Parent as OptionResult)?.Option.Name} is '{Text(result)}'; expected {expected}.");
        return number;
    }
}
