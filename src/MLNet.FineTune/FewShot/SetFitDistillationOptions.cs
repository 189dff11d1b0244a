using Microsoft.ML;
using Microsoft.ML.SearchSpace;

namespace MLNet.FineTune;

/// <summary>Options of the trainers that make a classifier, the student, of unlabelled texts and another classifier, the teacher.</summary>
/// <remarks>
/// The student's encoder learns to find texts as similar as the teacher's encoder does, then its head is fitted on what the teacher
/// predicts. There are no classes to tell apart in the first phase: <see cref="SetFitTrainerOptions.Loss"/> has no effect, and of
/// <see cref="SetFitTrainerOptions.Pairs"/> only how many there are. A share of the rows that is set aside for validation measures how
/// often the student agrees with the teacher, and with labels where there are any. <see cref="TextTrainerOptions.LabelColumnName"/>
/// and <see cref="EncoderTrainerOptions.ExampleWeightColumnName"/> are columns of <see cref="LabelledSet"/>.
/// </remarks>
public sealed class SetFitDistillationOptions : SetFitOptions
{
    /// <summary>Options with their defaults; there is no <see cref="SetFitOptions.EndToEnd"/>.</summary>
    public SetFitDistillationOptions() => EndToEnd = null;

    /// <summary>Texts with true labels, which the student learns in place of the teacher's predictions; the label has the teacher's classes.</summary>
    /// <value>Default <see langword="null"/>: none.</value>
    public IDataView? LabelledSet { get; set; }

    /// <summary>Whether the student's head learns the teacher's probabilities, as a row for each class that is weighted by them, instead of the one class the teacher predicts. Training end to end that may follow learns the class predicted.</summary>
    /// <value>Default <see langword="false"/>.</value>
    [BooleanChoice(false)]
    public bool SoftLabels { get; set; }
}
