using System.CommandLine;
using System.Globalization;

namespace MLNet.FineTune.Benchmarks.CommandLine;

/// <summary>Makes options and says what values they take.</summary>
internal static class OptionRanges
{
    /// <summary>An option with a default.</summary>
    public static Option<T> Create<T>(string name, string description, string helpName, T byDefault) =>
        new(name) { Description = description, HelpName = helpName, DefaultValueFactory = _ => byDefault };

    /// <summary>An option of values separated by commas.</summary>
    public static Option<string[]> CreateList(string name, string description, string helpName, string? byDefault)
    {
        var option = new Option<string[]>(name)
        {
            Description = description,
            HelpName = helpName,
            Required = byDefault is null,
            CustomParser = result => [.. result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))],
        };
        if (byDefault is not null)
        {
            option.DefaultValueFactory = _ => byDefault.Split(',');
        }
        return option;
    }

    public static Option<int> AtLeast(this Option<int> option, int minimum) => option.Require(value => value >= minimum, $"at least {minimum}");

    public static Option<int?> AtLeast(this Option<int?> option, int minimum) => option.Require(value => value is null || value >= minimum, $"at least {minimum}");

    /// <summary>Makes a value outside the range an error of the command line.</summary>
    /// <param name="option">The option.</param>
    /// <param name="valid">Whether a value is in range.</param>
    /// <param name="expected">The range, in words.</param>
    public static Option<T> Require<T>(this Option<T> option, Predicate<T?> valid, string expected)
    {
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<T>() is var value && !valid(value))
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{option.Name} is {string.Join(' ', result.Tokens)}; expected {expected}."));
        });
        return option;
    }
}
