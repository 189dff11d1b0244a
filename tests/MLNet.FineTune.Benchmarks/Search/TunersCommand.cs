using System.CommandLine;
using MLNet.FineTune.Benchmarks.CommandLine;

namespace MLNet.FineTune.Benchmarks.Search;

/// <summary>The verb <c>tuners</c>.</summary>
internal static class TunersCommand
{
    private static readonly string[] Names = [.. TestProblem.All.Select(problem => problem.Name)];
    private static readonly Option<int> Evaluations = OptionRanges.Create("--evaluations", "Points that a search tries", "N", 60).AtLeast(1);
    private static readonly Option<int> Seeds = OptionRanges.Create("--seeds", "Searches of each tuner on each function", "N", 10).AtLeast(1);
    private static readonly Option<int> FirstSeed = OptionRanges.Create("--first-seed", "The seed of the first search; the others follow", "N", 0).AtLeast(0);
    private static readonly Option<string[]> Problems = OptionRanges.CreateList("--problems", "Functions", "name,…", string.Join(',', Names))
        .Require(names => names!.All(Names.Contains), string.Join(", ", Names));

    public static Command Create()
    {
        var command = new Command("tuners", "Hypervolume that each tuner of searches reaches on functions with a known front.") { Evaluations, Seeds, FirstSeed, Problems };
        command.SetAction(result => TunersSuite.Run(TestProblem.All.Where(problem => result.GetValue(Problems)!.Contains(problem.Name)), result.GetValue(Evaluations), result.GetValue(Seeds), result.GetValue(FirstSeed)));
        return command;
    }
}
