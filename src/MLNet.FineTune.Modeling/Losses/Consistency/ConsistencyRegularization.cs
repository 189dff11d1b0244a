using System.Text.Json;
using MLNet.FineTune.Losses;
using MLNet.FineTune.OptionText;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Training;

namespace MLNet.FineTune;

/// <summary>
/// What a model is taught beside its labels: to predict the same of a text that goes through it several times, a little changed. The base
/// of the options records <see cref="RDrop"/> and <see cref="Smart"/>.
/// </summary>
/// <remarks>A text with a weight of its own counts with it in the further terms too; weights of classes and label smoothing have no part in them.</remarks>
public abstract record ConsistencyRegularization
{
    private static readonly IReadOnlyDictionary<string, Type> ByName = new Dictionary<string, Type> { [RDrop.Name] = typeof(RDrop), [Smart.Name] = typeof(Smart) };

    private static readonly RecordFamily<ConsistencyRegularization> Family =
        new("consistency regularisation", ByName, record => record.RegularizationName, record => record.Validate(), JsonSerializerOptions.Default);

    private protected ConsistencyRegularization()
    {
    }

    /// <summary>The name in texts, for instance <c>r-drop</c>.</summary>
    public abstract string RegularizationName { get; }

    /// <summary>Reads the text that <see cref="Format"/> writes, for instance <c>r-drop(weight=0.5)</c>.</summary>
    /// <remarks>Names and options go without regard to case, underscores and hyphens.</remarks>
    /// <exception cref="FormatException">A name, option or value is not known or not valid; names where, what was found and what is known.</exception>
    public static ConsistencyRegularization Parse(string text) => Family.Parse(text);

    /// <summary>The regularisation as a text, with the options that differ from their defaults.</summary>
    public string Format() => Family.Format(this);

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">An option is out of its range; names it, what was found and what is expected.</exception>
    internal abstract void Validate();

    /// <summary>What it does while an adapter trains.</summary>
    /// <param name="adapter">The adapter.</param>
    /// <param name="evaluate">Runs something in evaluation mode and returns to training.</param>
    internal abstract ConsistencyTraining CreateTraining(PeftAdapter adapter, Action<Action> evaluate);
}
