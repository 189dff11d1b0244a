using System.CommandLine;
using System.Globalization;
using MLNet.FineTune.Benchmarks.CommandLine;

namespace MLNet.FineTune.Benchmarks.Distill;

/// <summary>The verb <c>distill</c>.</summary>
internal static class DistillCommand
{
    private static readonly Option<DirectoryInfo> Data = new Option<DirectoryInfo>("--data")
    {
        Description = "Directory of the data sets: NAME/train.tsv and NAME/test.tsv (dev.tsv where there is no test.tsv), tab-separated, with a header 'text', 'label'",
        HelpName = "DIR",
        Required = true,
    }.AcceptExistingOnly();

    private static readonly Option<string[]> DataSets = OptionRanges.CreateList("--datasets", "Names of data sets, separated by commas", "a,b", byDefault: null);
    private static readonly Option<string[]> Shots = OptionRanges.CreateList("--shots", "Labelled rows a class, separated by commas", "8,16", "8,16")
        .Require(shots => shots!.All(shot => int.TryParse(shot, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0), "numbers of at least 1");
    private static readonly Option<int> Seeds = OptionRanges.Create("--seeds", "How many seeds, from 0: a seed draws the rows and starts the training", "N", 5).AtLeast(1);
    private static readonly Option<string> Teacher = EncoderOption.Create();
    private static readonly ScratchOption Student = new("--student", "The student's encoder", scratch: true);
    private static readonly Option<Precision> Precision = OptionRanges.Create("--precision", "Number format of training", "auto|float32|bfloat16", FineTune.Precision.Auto);
    private static readonly Option<int> Iterations = OptionRanges.Create("--iterations", "Half the student's pairs a text and epoch", "N", new PairSampling().Iterations!.Value).AtLeast(1);
    private static readonly Option<int> Epochs = OptionRanges.Create("--epochs", "How often the student sees its pairs", "N", 1).AtLeast(1);
    private static readonly Option<double?> LearningRate = new Option<double?>("--learning-rate") { Description = "The student's peak learning rate [default: the library's]", HelpName = "RATE" }
        .Require(rate => rate is null or > 0, "a number above 0");
    private static readonly Option<int?> MaxLength = new Option<int?>("--max-length") { Description = "Longest text in tokens [default: what the encoders take]", HelpName = "N" }.AtLeast(3);
    private static readonly Option<int?> MaxUnlabeled = new Option<int?>("--max-unlabeled") { Description = "Most texts without labels, drawn by the seed [default: no limit]", HelpName = "N" }.AtLeast(1);
    private static readonly Option<int?> MaxTest = new Option<int?>("--max-test") { Description = "Most test rows, the same for all [default: no limit]", HelpName = "N" }.AtLeast(1);

    public static Command Create()
    {
        var command = new Command("distill", "Accuracy of a small student that learns from a SetFit teacher and texts without labels, beside the teacher, and beside the same student trained on the labels alone.")
        {
            Data, DataSets, Shots, Seeds, Teacher, Precision, Iterations, Epochs, LearningRate, MaxLength, MaxUnlabeled, MaxTest,
        };
        Student.AddTo(command);
        command.SetAction(result =>
        {
            Threads.Apply(result);
            DistillSuite.Run(Read(result));
        });
        return command;
    }

    private static DistillSettings Read(ParseResult command) => new()
    {
        Data = command.GetRequiredValue(Data).FullName,
        DataSets = command.GetRequiredValue(DataSets),
        Shots = [.. command.GetRequiredValue(Shots).Select(shot => int.Parse(shot, CultureInfo.InvariantCulture))],
        Seeds = command.GetValue(Seeds),
        Teacher = EncoderOption.Parse(command.GetRequiredValue(Teacher)),
        Student = Student.Read(command),
        Precision = command.GetValue(Precision),
        Iterations = command.GetValue(Iterations),
        Epochs = command.GetValue(Epochs),
        LearningRate = command.GetValue(LearningRate),
        MaxLength = command.GetValue(MaxLength),
        MaxUnlabeled = command.GetValue(MaxUnlabeled),
        MaxTest = command.GetValue(MaxTest),
    };
}
