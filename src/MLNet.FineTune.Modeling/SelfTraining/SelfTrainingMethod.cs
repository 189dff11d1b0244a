using System.Globalization;
using System.Runtime.CompilerServices;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.SelfTraining;
using MLNet.FineTune.Training;

namespace MLNet.FineTune;

/// <summary>How texts without labels are learnt from: the base of the options records <see cref="PseudoLabelPretraining"/>, <see cref="Cosine"/> and the like.</summary>
public abstract record SelfTrainingMethod
{
    internal SelfTrainingMethod()
    {
    }

    /// <summary>The name of the method in texts, for instance <c>cosine</c>.</summary>
    public string MethodName => SelfTrainingMethods.NameOf(GetType());

    /// <summary>Reads the text that <see cref="Format"/> writes, for instance <c>cosine(steps=500, confidence_threshold=0)</c>; in options that hold others, <c>cosine(self_training=training(learning_rate=1e-4))</c> or <c>list(student=lora(rank=8))</c>.</summary>
    /// <remarks>
    /// Names of methods, options and values go without regard to case, underscores and hyphens. What a text cannot hold are a fitted teacher and, in training options, progress and cancellation; an encoder is
    /// written as JSON, for instance <c>{"kind":"default"}</c>.
    /// </remarks>
    /// <exception cref="FormatException">A method, option or value is not known or not valid; names where, what was found and what is known.</exception>
    public static SelfTrainingMethod Parse(string text) => SelfTrainingMethods.Family.Parse(text);

    /// <summary>The method as a text, with the options that differ from their defaults.</summary>
    /// <exception cref="InvalidOperationException">An option has a value that a text cannot hold, such as a fitted teacher.</exception>
    public string Format()
    {
        CheckText();
        return SelfTrainingMethods.Family.Format(this);
    }

    /// <summary>Throws where a text cannot hold an option's value.</summary>
    internal virtual void CheckText()
    {
    }

    /// <summary>Whether there is nothing to do without texts that have no label.</summary>
    internal virtual bool NeedsUnlabeled => true;

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">An option is out of its range; names it, what was found and what is expected.</exception>
    internal abstract void Validate();

    /// <summary>Checks what the method was given against the classes to be learnt, before anything expensive starts.</summary>
    /// <exception cref="ArgumentException">It is made for other classes.</exception>
    internal virtual void CheckClasses(IReadOnlyList<string> names)
    {
    }

    /// <summary>The task with what the method needs of it, before the encoder is opened.</summary>
    internal virtual FineTuneTask Prepare(FineTuneTask tuning) => tuning;

    /// <summary>Trains; what is attached to the run in the end is the result.</summary>
    internal abstract void Train(SelfTrainingRun run);

    /// <summary>All options that shape the result, by name: a checkpoint made with others is refused.</summary>
    internal virtual IEnumerable<(string Name, string Value)> Fingerprint() => GetType().GetProperties().Where(option => option.CanWrite).SelectMany(option => option.GetValue(this) switch
    {
        TrainingOptions training => TrainingFingerprint.Options(training).Select(entry => ($"{option.Name}, {entry.Name}", entry.Value)),
        PeftMethod method => [(option.Name, PeftMethods.ToJson(method).ToJsonString())],
        EncoderSource encoder => [(option.Name, encoder.Description)],
        IFormattable value => [(option.Name, value.ToString(null, CultureInfo.InvariantCulture))],
        { } value => [(option.Name, value.ToString() ?? "")],
        null => new[] { (option.Name, "null") },
    });

    /// <exception cref="ArgumentException">The value is not valid.</exception>
    internal void Require(bool valid, object? found, string expected, [CallerArgumentExpression(nameof(found))] string option = "")
    {
        if (!valid)
            throw new ArgumentException(FormattableString.Invariant($"{GetType().Name}.{option} is {found ?? "null"}; expected {expected}."), option);
    }
}
